using System.Globalization;
using Gateway.Console.Node;
using Gateway.Console.Parts;
using Gateway.Console.Resources;
using Gateway.Console.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Platform.Hosting;

namespace Gateway.Console.Pages.Members;

/// <summary>What the pages about people share: words, code words, what was typed, the second factor.</summary>
public abstract class PeoplePage : FormPage
{
    /// <summary>May register, amend and answer. The services decide again.</summary>
    protected static readonly string[] Keepers =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];

    /// <summary>See the archives of their part.</summary>
    protected static readonly string[] Lookers = [Roles.TierAdministrator, Roles.CommitteeClerk,
        Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Supervisor];

    /// <summary>May correct what identifies a person.</summary>
    protected static readonly string[] Correctors = [Roles.TierAdministrator, Roles.CommitteeClerk];

    /// <summary>See how complete and right the archives are.</summary>
    protected static readonly string[] QualityRoles =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.Supervisor];

    protected static readonly string[] WorkRoles =
        [Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer];

    [Inject]
    protected IStringLocalizer<People> T { get; set; } = null!;

    [Inject]
    protected Reference Reference { get; set; } = null!;

    [Inject]
    private IOptions<ConsoleOptions> Options { get; set; } = null!;

    /// <summary>A typed day; null when there is none.</summary>
    protected DateOnly? TypedDay(string form, string name) => DateOnly.TryParseExact(Typed(form, name), "yyyy-MM-dd",
        CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>True while the second factor counts for what is sensitive.</summary>
    protected bool IsFresh => Http.User.HasFreshSecondFactor(Say.Now, Options.Value);

    /// <summary>Asks for the second factor and comes back to a local address.</summary>
    protected void StepUp(string back) => Navigation.NavigateTo($"/step-up?to={Uri.EscapeDataString(back)}");

    /// <summary>The word of a field of the archive.</summary>
    protected string Field(string name) => T[$"f-{name}"];

    /// <summary>How a value of a field is said: codes by their words, days as days.</summary>
    protected async Task<string> ValueAsync(string field, string? value) => (field, value) switch
    {
        (_, null or "") => Say.Or(null),
        ("sex", _) => await Reference.WordAsync("sex", value),
        ("ethnicGroup", _) => await Reference.WordAsync("ethnic-group", value),
        ("education", _) => await Reference.WordAsync("education", value),
        ("standing", _) => T[$"standing-{value}"],
        ("source", _) => SourceWord(value),
        _ when DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var day) => Say.Day(day),
        _ => value,
    };

    /// <summary>Where a value came from.</summary>
    protected string SourceWord(string source) => source switch
    {
        "clerk" or "" => T["source-clerk"],
        "exchange" => T["source-exchange"],
        _ when source.StartsWith("import", StringComparison.Ordinal) => T["source-import"],
        _ => source,
    };

    /// <summary>What a row that names a member is, by its table.</summary>
    protected string LinkWord(string table) =>
        T[$"link-{table}"] is { ResourceNotFound: false } word ? word : T["link-other"];

    /// <summary>The merge an archive went into and is still gone by; null when there is none to be seen.</summary>
    protected async Task<Guid?> MergedAsync(Guid member)
    {
        if (!Me.Has(Correctors)) return null;
        var path = $"member-merges?memberId={member}&newest=true&size=1";
        return (await Api.GetAsync<ListPage<MergeReply>>(path, Http.RequestAborted)).Items
            .FirstOrDefault(m => m.GoneId == member && m.UndoneAt is null)?.Id;
    }
}
