using System.Globalization;
using Gateway.Console.Node;
using Gateway.Console.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Localization;

namespace Gateway.Console.Parts;

/// <summary>
/// The form of one step as it was posted, and the request it means. What only the page can know to be wrong is refused
/// here; everything else is the registry's to judge.
/// </summary>
/// <param name="posted">Null: the form was not posted yet.</param>
public sealed class StepForm(IFormCollection? posted, IStringLocalizer<Cases> words,
    IReadOnlyDictionary<string, string> places)
{
    private readonly Dictionary<string, string> _wrong = [];

    /// <summary>What was typed into a field; null when the form was not posted or has no such field.</summary>
    public string? this[string name] => posted is not null && posted.TryGetValue(name, out var value)
        ? value.ToString() : null;

    /// <summary>The same command for the same form, however often it is sent.</summary>
    public Guid Command { get; } = posted is not null && Guid.TryParse(posted["command"], out var id) ? id
        : Guid.CreateVersion7();

    /// <summary>Revision of the card when the page was made.</summary>
    public long? Seen => long.TryParse(this["seen"], CultureInfo.InvariantCulture, out var seen) ? seen : null;

    /// <summary>Newest event when the page was made; what comes after it is what somebody else did.</summary>
    public DateTimeOffset? SeenAt => DateTimeOffset.TryParse(this["seenAt"], CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    /// <summary>The request of a step; null: it has no body.</summary>
    /// <exception cref="NodeProblemException">A field is missing or not what it should be.</exception>
    public object? Body(CaseStep step, CaseFile file, IReadOnlyList<Placement> placements)
    {
        object? body = step.Name switch
        {
            "refuse" or "denyIdentity" or "notFound" => new { why = Text("why") },
            "prepare" => new
            {
                talkOn = Day("talkOn"), educatedOn = Day("educatedOn"), contactPerson = Text("contactPerson"),
            },
            "confirmIdentity" => new { memberId = Id("memberId") },
            "resolveDifference" => new { fields = Adopted(file) },
            "change" => Change(step.Side == "home" ? file.Home!.Facts : file.Here!.Facts),
            "moveOn" => new { toRegion = Region("toRegion") },
            "recordReturn" => new
            {
                on = Day("on"), talkOn = Day("talkOn"), certificateInspected = this["certificateInspected"] == "true",
            },
            "lostContact" => new
            {
                reason = Text("reason"), lastContactOn = Day("lastContactOn"), attempts = Lines("attempts"),
            },
            "regainContact" => new { on = Day("on") },
            "admit" => Admit(placements),
            "remark" => new { text = Text("text") },
            "feedback" => new { text = Text("text"), on = Day("on") },
            "leave" => new
            {
                reason = Text("reason"), on = Day("on"),
                toRegion = this["reason"] == "movedOn" ? Region("toRegion") : null,
            },
            _ => null,
        };
        return _wrong.Count == 0 ? body : throw new NodeProblemException(new(422, "INPUT_INVALID", "", "", _wrong));
    }

    /// <summary>Fields for which the other side's value was chosen.</summary>
    private string[] Adopted(CaseFile file)
    {
        foreach (var field in file.Differences.Where(f => this[$"choice-{f}"] is null or ""))
            _wrong.TryAdd(field, words["choose-one", words[$"field-{field}"].Value]);
        string[] taken = [.. file.Differences.Where(f => this[$"choice-{f}"] is { } side && side != file.OwnSide)];
        // No difference left: the card has changed, and the registry says so.
        if (_wrong.Count == 0 && taken.Length == 0 && file.Differences.Count > 0)
            _wrong.Add(file.Differences[0], words["nothing-taken"]);
        return taken;
    }

    private object Change(Facts facts)
    {
        var phone = this["phone"]?.Trim();
        return new
        {
            phone = phone is { Length: > 0 } ? phone : null,
            employer = Changed("employer", facts.Employer),
            creditCode = Changed("creditCode", facts.CreditCode),
            occupation = Changed("occupation", facts.Occupation),
            residence = Changed("residence", facts.Residence),
            certificateNumber = Changed("certificateNumber", facts.CertificateNumber),
        };
    }

    private string? Changed(string name, string now) => this[name]?.Trim() is { } typed && typed != now ? typed : null;

    private object Admit(IReadOnlyList<Placement> placements)
    {
        var branch = Id("branchId");
        if (branch is null) _wrong.TryAdd("branchId", words["choose-branch"]);
        var suggestion = placements.FirstOrDefault(p => p.Branch.Id == branch);
        var phone = this["phone"]?.Trim();
        return new
        {
            branchId = branch,
            placementReason = suggestion?.ReasonZh ?? (branch is null ? "" : Text("placementReason")),
            documentShown = Text("documentShown"),
            on = Day("on"),
            hostContact = this["hostContact"],
            seen = phone is { Length: > 0 } ? new { phone } : null,
        };
    }

    private string Text(string name)
    {
        var text = this[name]?.Trim() ?? "";
        if (text.Length == 0) _wrong.TryAdd(name, words["required"]);
        return text;
    }

    private string[] Lines(string name) =>
        [.. Text(name).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private DateOnly Day(string name)
    {
        if (!DateOnly.TryParseExact(this[name], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var on))
            _wrong.TryAdd(name, words["not-a-day"]);
        return on;
    }

    private Guid? Id(string name) => Guid.TryParse(this[name], out var id) ? id : null;

    /// <summary>A county by its code or by its name.</summary>
    private string Region(string name)
    {
        var text = Text(name);
        var found = RegionWords.Find(places, text);
        if (found.Count == 1) return found[0];
        _wrong.TryAdd(name, found.Count == 0 ? words["region-unknown"]
            : words["region-many", string.Join('、', found.Select(code => $"{places[code]}{code}"))]);
        return text;
    }
}
