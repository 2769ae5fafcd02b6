using System.Text.Json;

namespace Registry.Tests.Federated;

/// <summary>
/// The path of one member's case, step by step over HTTP, each step as the office does it that owes it; waits until the
/// other side has heard.
/// </summary>
internal sealed class Journey(TierFederation tiers, string home, Guid member)
{
    /// <summary>The case; empty until applied for or until the host opened it.</summary>
    public Guid Case { get; private set; }

    /// <summary>The host's card of the running leg.</summary>
    public Guid Card { get; private set; }

    public string Region { get; private set; } = "";

    private Platform.Testing.Api Clerk => tiers.At(home, "committee-clerk");

    public Platform.Testing.Api HostClerk => tiers.At(Region, "committee-clerk");

    /// <summary>Goes out by the book up to the notice, which reaches the host's worklist.</summary>
    public static async Task<Journey> NoticedAsync(TierFederation tiers, string home, string host,
        object? more = null, (Guid Id, string IdNumber)? who = null)
    {
        var journey = new Journey(tiers, home, (who ?? await tiers.MemberAsync(home)).Id);
        await journey.ApplyAsync(host, more);
        await journey.StepAsync("approve");
        await journey.StepAsync("prepare",
            new { talkOn = "2026-02-20", educatedOn = "2026-02-21", contactPerson = "家乡联系人" });
        await journey.StepAsync("notify");
        await journey.AtHostAsync("noticed");
        return journey;
    }

    /// <summary>The same up to the admission, which home knows of.</summary>
    public static async Task<Journey> AdmittedAsync(TierFederation tiers, string home, string host,
        object? more = null)
    {
        var journey = await NoticedAsync(tiers, home, host, more);
        await journey.AdmitAsync();
        return journey;
    }

    public async Task ApplyAsync(string host, object? more = null)
    {
        var body = new Dictionary<string, object?>
        {
            ["memberId"] = member, ["hostRegion"] = host, ["reason"] = "1", ["departsOn"] = "2026-03-01",
        };
        foreach (var property in more?.GetType().GetProperties() ?? []) body[property.Name] = property.GetValue(more);
        Region = host;
        Case = (await tiers.At(home, "branch-secretary").PostAsync("/api/v1/outbound-cases", body)).Id("caseId");
    }

    /// <summary>The host opens the case for somebody who turned up.</summary>
    public async Task<JsonElement> TurnUpAsync(string host, string idNumber, object? more = null)
    {
        Region = host;
        var body = new Dictionary<string, object?>
        {
            ["homeRegion"] = home, ["hostRegion"] = host, ["name"] = "测试甲", ["idNumber"] = idNumber,
            ["arrivedOn"] = "2026-03-02", ["documentShown"] = "NON",
        };
        foreach (var property in more?.GetType().GetProperties() ?? []) body[property.Name] = property.GetValue(more);
        var opened = await HostClerk.PostAsync("/api/v1/inbound-cases", body);
        (Case, Card) = (opened.Id("caseId"), opened.Id());
        return opened.Ok;
    }

    /// <summary>A step of the home side by a committee clerk, who did not record the application.</summary>
    public async Task<JsonElement> StepAsync(string step, object? body = null, string role = "committee-clerk") =>
        (await tiers.At(home, role).PostAsync($"/api/v1/outbound-cases/{Case}/{step}", body)).Ok;

    /// <summary>A step of the host side.</summary>
    public async Task<JsonElement> HostStepAsync(string step, object? body = null, string role = "committee-clerk") =>
        (await tiers.At(Region, role).PostAsync($"/api/v1/inbound-cases/{Card}/{step}", body)).Ok;

    public async Task AdmitAsync(Guid? branch = null, object? seen = null, string document = "CRT")
    {
        await HostStepAsync("admit", new
        {
            branchId = branch ?? tiers.PlaceOf(Region).MobileBranch, placementReason = "流动党员党支部",
            documentShown = document, on = "2026-03-05", hostContact = "接收联系人", seen,
        });
        await AtHomeAsync(c => Text(c, "status") == "admitted" && c.GetProperty("hostFacts").ValueKind
            != JsonValueKind.Null);
    }

    /// <summary>Home's side as it is now.</summary>
    public async Task<JsonElement> HomeAsync() =>
        (await Clerk.GetAsync($"/api/v1/cases/{Case}")).Ok.GetProperty("home");

    /// <summary>Waits until home's side is so.</summary>
    public async Task<JsonElement> AtHomeAsync(Func<JsonElement, bool> holds, string fact = "home has heard")
    {
        JsonElement side = default;
        await TierFederation.EventuallyAsync($"{fact}: {Case}", async () =>
        {
            var reply = await Clerk.GetAsync($"/api/v1/cases/{Case}");
            return reply.Status == 200 && holds(side = reply.Json.GetProperty("home"));
        });
        return side;
    }

    /// <summary>Waits until the card of a region is so; it is the running leg from then on.</summary>
    public Task<JsonElement> AtHostAsync(string status, string region, Func<JsonElement, bool>? holds = null)
    {
        Region = region;
        return AtHostAsync(status, holds);
    }

    /// <summary>Waits until the host's card is so.</summary>
    public async Task<JsonElement> AtHostAsync(string status, Func<JsonElement, bool>? holds = null)
    {
        JsonElement side = default;
        await TierFederation.EventuallyAsync($"the host's card is {status}: {Case}", async () =>
        {
            // The view of the whole case is for whoever is a party with every card; the line is for this region.
            var lines = (await HostClerk.GetAsync(
                $"/api/v1/reconciliation?side=host&size=200&region={Region}{EveryAgreement}")).Ok;
            var line = lines.GetProperty("items").EnumerateArray().Where(l => l.GetProperty("caseId").GetGuid() == Case
                && Text(l, "hostRegion") == Region).ToList();
            if (line.Count == 0
                || status != Text(line[^1], "status")) return false;
            Card = line[^1].GetProperty("cardId").GetGuid();
            var shown = await tiers.At(Region, "committee-clerk").GetAsync($"/api/v1/cases/{Case}");
            if (shown.Status != 200) return false;
            side = shown.Json.GetProperty("host").EnumerateArray().Single(c => c.GetProperty("id").GetGuid() == Card);
            return holds is null || holds(side);
        });
        return side;
    }

    private const string EveryAgreement =
        "&agreement=matched&agreement=homeOnly&agreement=hostOnly&agreement=differs&agreement=settled";

    public static string? Text(JsonElement of, string property) => of.GetProperty(property).GetString();
}
