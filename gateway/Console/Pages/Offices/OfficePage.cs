using System.Globalization;
using Gateway.Console.Node;
using Gateway.Console.Parts;
using Gateway.Console.Resources;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Localization;
using Platform.Hosting;

namespace Gateway.Console.Pages.Offices;

/// <summary>What the pages that work on organisations share: words, code words, what was typed.</summary>
public abstract class OfficePage : FormPage
{
    /// <summary>May keep terms, places of service, units and pairings, and propose outposts.</summary>
    protected static readonly string[] Keepers = [Roles.TierAdministrator, Roles.CommitteeClerk];

    /// <summary>See the organisations of their part.</summary>
    protected static readonly string[] Lookers = [Roles.TierAdministrator, Roles.CommitteeClerk,
        Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Supervisor, Roles.Analyst, Roles.Auditor];

    /// <summary>May appoint.</summary>
    protected static readonly string[] Appointers =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];

    private static readonly string[] Kinds = ["organisations"];

    [Inject]
    protected IStringLocalizer<Organisations> T { get; set; } = null!;

    [Inject]
    protected Reference Reference { get; set; } = null!;

    /// <summary>All that was chosen of one name.</summary>
    protected IReadOnlyList<Guid> Chosen(string form, string name) => Posted != form ? []
        : [.. Http.Request.Form[name].Select(v => Guid.TryParse(v, out var id) ? id : Guid.Empty)
            .Where(id => id != Guid.Empty).Distinct()];

    /// <summary>A box that was ticked, or as it stands at first.</summary>
    protected bool Ticked(string form, string name, bool otherwise = false) =>
        Posted == form ? Http.Request.Form[name].Count > 0 : otherwise;

    /// <summary>A typed day; year 1 when there is none: the service says so beside the field.</summary>
    protected DateOnly TypedDay(string form, string name) => DateOnly.TryParseExact(Typed(form, name), "yyyy-MM-dd",
        CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : default;

    /// <summary>A typed whole number; null when there is none.</summary>
    protected int? TypedNumber(string form, string name) => int.TryParse(Typed(form, name),
        NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A form that asks for more shows it with the status of a refusal: nothing was done.</summary>
    protected void AskAgain() => Http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;

    /// <summary>Finds organisations by name, pinyin or code; an exact one alone.</summary>
    protected async Task<IReadOnlyList<OrganisationHit>> FindOrganisationsAsync(string words, Guid? except = null)
    {
        if (string.IsNullOrWhiteSpace(words)) return [];
        OrganisationFound? found = null;
        if (!await DoAsync(async () => found = (await Api.PostAsync<OrganisationSearch>("search",
            new { words = words.Trim(), kinds = Kinds }, Guid.CreateVersion7(Say.Now)))
            .Organisations)) return [];
        OrganisationHit[] hits = [.. found!.Items.Where(h => h.Id != except)];
        return hits.Where(h => h.Code == words.Trim() || h.Name == words.Trim()).ToArray() is [var only] ? [only]
            : hits;
    }
}
