using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Mobility;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Loads a card, checks who asks, decides, saves, answers: the one way for every step of either side.
/// </summary>
internal sealed class CaseDesk(RegistryDb db, CallerContext context, TimeProvider clock, Announce announce)
{
    public delegate Decision<OutboundEvent> HomeStep(OutboundCard? card, Caller caller, DateTimeOffset now);

    public delegate Decision<InboundEvent> HostStep(InboundCard? card, Caller caller, DateTimeOffset now);

    /// <summary>One step of the home side.</summary>
    public async Task<OutboundReply> HomeAsync(
        CommandId command, Guid caseId, string[] roles, HomeStep step, CancellationToken ct) =>
        OutboundReply.Of(await AfterOthersAsync(() => ApplyHomeAsync(command.Value, caseId, card =>
        {
            if (card is null) context.Current.RequireRole(roles);
            else context.Current.Require(card.HomePath, roles);
            if (Changed(command, card?.Revision)) return CaseProblems.Changed;
            return step(card, context.Current, clock.GetUtcNow());
        }, ct)));

    /// <summary>One step of the host side.</summary>
    public async Task<InboundReply> HostAsync(
        CommandId command, Guid cardId, string[] roles, HostStep step, CancellationToken ct) =>
        InboundReply.Of(await AfterOthersAsync(() => ApplyHostAsync(command.Value, cardId, card =>
        {
            if (card is null) context.Current.RequireRole(roles);
            else context.Current.Require(card.HostPath, roles);
            if (Changed(command, card?.Revision)) return CaseProblems.Changed;
            return step(card, context.Current, clock.GetUtcNow());
        }, ct)));

    /// <summary>
    /// Takes an officer's step again when a message of the other side changed the card at the same moment: the officer
    /// is not asked to press the button again for what no officer did. Whoever named the revision seen hears of the
    /// change all the same. Inside a transaction of the caller's the step is taken once; it is for the caller to take
    /// the whole again.
    /// </summary>
    public async Task<T> AfterOthersAsync<T>(Func<Task<T>> step)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await step();
            }
            catch (Exception e) when (attempt < 5 && db.Database.CurrentTransaction is null
                && ProblemMap.Of(e) == ProblemMap.ConcurrentUpdate)
            {
                db.ChangeTracker.Clear();
            }
        }
    }

    private static bool Changed(CommandId command, long? revision) =>
        command.Revision is { } seen && revision is { } now && seen != now;

    /// <summary>Home's card without the caller's check: messages of other regions and timers.</summary>
    public Task<OutboundCard> ApplyHomeAsync(Guid commandId, Guid caseId,
        Func<OutboundCard?, Decision<OutboundEvent>> decide, CancellationToken ct) => db.CommitAsync(commandId, caseId,
        new Change<OutboundCard, OutboundEvent>("outbound-card", decide, OutboundDecider.Evolve, c => c.HomePath,
            announce.Of), ct);

    /// <summary>The host's card without the caller's check.</summary>
    public Task<InboundCard> ApplyHostAsync(Guid commandId, Guid cardId,
        Func<InboundCard?, Decision<InboundEvent>> decide, CancellationToken ct) => db.CommitAsync(commandId, cardId,
        new Change<InboundCard, InboundEvent>("inbound-card", decide, InboundDecider.Evolve, c => c.HostPath,
            announce.Of), ct);
}

/// <summary>A word to the other side.</summary>
/// <param name="Text">1 to 500 characters; no document numbers.</param>
public sealed record RemarkRequest(string Text)
{
    /// <summary>The text, and the name of the office the caller acts for.</summary>
    /// <exception cref="ProblemException">INPUT_INVALID.</exception>
    internal async Task<(string Text, string Office)> ReadAsync(RegistryDb db, Caller caller, CancellationToken ct)
    {
        var input = new Input();
        var text = input.Text(Text, "text", 500, lines: true);
        input.ThrowIfAny();
        // A tier above has no organisation of its own here; its region has a name.
        var code = caller.Org.TrimEnd('/').Split('/')[^1];
        return (text, await db.Organisations.Where(o => o.Path == caller.Org).Select(o => o.Name)
            .SingleOrDefaultAsync(ct) ?? Reference.ReferenceData.Divisions.Find(code)?.Name ?? code);
    }
}

/// <summary>Small queries of the cards that several capabilities need.</summary>
internal static class CardQueries
{
    public static Task<bool> HasOpenCaseAsync(this RegistryDb db, Guid memberId, Guid except, CancellationToken ct) =>
        db.OutboundCards.AnyAsync(c => c.MemberId == memberId && c.Id != except && c.Status != OutboundStatus.Returned
            && c.Status != OutboundStatus.Refused && c.Status != OutboundStatus.Denied, ct);

    /// <summary>
    /// Next serial of the county and year; part of the caller's transaction, so that none is skipped or doubled.
    /// </summary>
    public static Task<int> NextCertificateAsync(this RegistryDb db, string region, int year, CancellationToken ct) =>
        db.Database.SqlQuery<int>($"""
            insert into certificate_serial (region, year, last) values ({region}, {year}, 1)
            on conflict (region, year) do update set last = certificate_serial.last + 1 returning last as "Value"
            """).ToAsyncEnumerable().FirstAsync(ct).AsTask();
}

/// <summary>A change of facts; null leaves a field as it is.</summary>
public sealed record FactsRequest(string? Name = null, string? Phone = null, string? Employer = null,
    string? CreditCode = null, string? Occupation = null, string? Residence = null, string? CertificateNumber = null)
{
    /// <summary>The facts after the change.</summary>
    /// <exception cref="ProblemException">INPUT_INVALID, CASE_NOT_FOUND.</exception>
    public CaseFacts On(CaseFacts? facts)
    {
        if (facts is null) throw new ProblemException(CaseProblems.NotFound);
        var input = new Input();
        var after = facts with
        {
            Name = Name is null ? facts.Name : input.Text(Name, "name", 50),
            Phone = Phone is null ? facts.Phone : input.Phone(Phone, "phone"),
            Employer = Employer is null ? facts.Employer : input.Optional(Employer, "employer", 100),
            CreditCode = CreditCode is null ? facts.CreditCode : input.Optional(CreditCode, "creditCode", 18),
            Occupation = Occupation is null ? facts.Occupation : input.Optional(Occupation, "occupation", 50),
            Residence = Residence is null ? facts.Residence : input.Optional(Residence, "residence", 200),
            CertificateNumber = CertificateNumber is null ? facts.CertificateNumber
                : input.Optional(CertificateNumber, "certificateNumber", 20),
        };
        input.ThrowIfAny();
        return after;
    }
}

/// <summary>Takes over the other side's value of fields: how differences are settled.</summary>
/// <param name="Field">Name as in the list of differences.</param>
/// <param name="Fields">More than one, all or none; with <paramref name="Field"/> or in its place.</param>
public sealed record AdoptRequest(string? Field = null, IReadOnlyList<string>? Fields = null)
{
    /// <summary>The facts after taking over.</summary>
    /// <exception cref="ProblemException">CASE_FIELD_UNKNOWN, CASE_NOT_FOUND, CASE_OTHER_SIDE_SILENT.</exception>
    public CaseFacts On(CaseFacts? own, CaseFacts? peer)
    {
        if (own is null) throw new ProblemException(CaseProblems.NotFound);
        if (peer is null) throw new ProblemException(CaseProblems.OtherSideSilent);
        string[] asked = [.. Fields ?? [], .. Field is null ? Array.Empty<string>() : [Field]];
        if (asked.Length == 0) throw new ProblemException(CaseProblems.FieldUnknown);
        return asked.Aggregate(own, (facts, name) =>
        {
            var field = CaseFacts.Fields.SingleOrDefault(f => f.Name == name)
                ?? throw new ProblemException(CaseProblems.FieldUnknown);
            return field.Set(facts, field.Get(peer));
        });
    }
}

/// <summary>A finding of lost contact with its evidence.</summary>
public sealed record LostContactRequest(string Reason, DateOnly LastContactOn, IReadOnlyList<string> Attempts)
{
    /// <exception cref="ProblemException">INPUT_INVALID.</exception>
    internal LostContactFinding Finding(Side side, DateTimeOffset now)
    {
        var input = new Input();
        input.Must(Reason is ['1' or '2' or '3' or '4' or '5' or '6' or '7'], "reason", "NOT_A_REASON",
            "One of the codes 1 to 7 of the lost-contact table.", "须为失联原因代码 1 至 7。");
        var attempts = Attempts.Select((a, i) => input.Text(a, $"attempts[{i}]", 200)).ToList();
        input.ThrowIfAny();
        return new(Reason, LastContactOn, attempts, side, Today.Of(now));
    }
}
