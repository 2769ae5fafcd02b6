using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Platform.Kernel;

namespace Platform.Hosting;

/// <summary>What every service database needs besides its options.</summary>
public sealed record DbContextServices(TimeProvider Clock, FieldCipher Cipher, CallerContext Context);

/// <summary>How one aggregate is loaded, changed and announced.</summary>
/// <param name="Kind">Name in audit rows, for example "outbound-card".</param>
/// <param name="Decide">Pure decider on the present state; null means it does not exist yet.</param>
/// <param name="Evolve">Folds one event into the state.</param>
/// <param name="PathOf">Organisation path that owns the state.</param>
/// <param name="Announce">What others hear of an event; (before, after, event).</param>
public sealed record Change<TState, TEvent>(
    string Kind,
    Func<TState?, Decision<TEvent>> Decide,
    Func<TState?, TEvent, TState> Evolve,
    Func<TState, string> PathOf,
    Func<TState?, TState, TEvent, IEnumerable<Outgoing>> Announce)
    where TState : class where TEvent : class;

/// <summary>One service's database: its own tables plus the four that make the write path safe.</summary>
public abstract class PlatformDb(DbContextOptions options, DbContextServices services) : DbContext(options)
{
    private static readonly JsonSerializerOptions EventJson = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private List<object>? _put;

    /// <summary>Clock of the service; tests move it.</summary>
    protected TimeProvider Clock { get; } = services.Clock;

    /// <summary>Cipher of the node.</summary>
    protected FieldCipher Cipher { get; } = services.Cipher;

    /// <summary>What a cached model must be told apart by: its converters close over the cipher.</summary>
    internal object ModelKey => Cipher;

    /// <summary>For whom this unit of work acts.</summary>
    public Caller Caller => services.Context.Current;

    /// <summary>
    /// The only way state changes: new state, audit, outgoing messages and the command id, in one transaction.
    /// </summary>
    /// <returns>The state after the command; the present state when this command id was applied before.</returns>
    /// <exception cref="ProblemException">The decision is a problem, or COMMAND_ID_REUSED.</exception>
    /// <exception cref="DbUpdateConcurrencyException">Another writer won; the caller may retry with the same
    /// id.</exception>
    public async Task<TState> CommitAsync<TState, TEvent>(
        Guid commandId, Guid subjectId, Change<TState, TEvent> change, CancellationToken ct, string? reason = null)
        where TState : class where TEvent : class
    {
        var subject = $"{change.Kind}:{subjectId}";
        var applied = await Set<AppliedCommand>().AsNoTracking().SingleOrDefaultAsync(c => c.Id == commandId, ct);
        var current = await FindAsync<TState>([subjectId], ct);
        if (applied is not null)
        {
            // Whoever repeats somebody else's command was never asked whether he may: the decider is not run again.
            if (applied.Subject != subject || applied.Actor != Caller.Subject || current is null)
                throw new ProblemException(Reused);
            await Entry(current).ReloadAsync(ct); // It may have been read before the first copy committed.
            return current;
        }
        var next = Apply(commandId, subjectId, current, change, reason);
        Add(new AppliedCommand(commandId, subject, Caller.Subject, Clock.GetUtcNow()));
        await SaveChangesAsync(ct);
        return next;
    }

    /// <summary>
    /// Decides and adds state, audit and messages without saving: for loads that change many things in one transaction
    /// under one command id.
    /// </summary>
    /// <exception cref="ProblemException">The decision is a problem.</exception>
    public TState Apply<TState, TEvent>(
        Guid commandId, Guid subjectId, TState? current, Change<TState, TEvent> change, string? reason = null)
        where TState : class where TEvent : class
    {
        var decision = change.Decide(current);
        if (decision.Problem is { } problem) throw new ProblemException(problem);
        var now = Clock.GetUtcNow();
        var next = current;
        foreach (var happened in decision.Events)
        {
            var before = next;
            next = change.Evolve(next, happened);
            var line = AuditOf(change.Kind, subjectId, change.PathOf(next), happened, commandId, reason, now);
            Keep(line);
            foreach (var message in change.Announce(before, next, happened)) Keep(RowOf(message, now, line.Id));
        }
        if (next is null) throw new UnreachableException($"{change.Kind} neither existed nor was created.");
        if (current is null) Keep(next);
        else if (!ReferenceEquals(current, next)) Entry(current).CurrentValues.SetValues(next);
        return next;
    }

    /// <summary>
    /// From here on what is new is only put aside for <see cref="TakeAdded"/>: remembering each of many thousand rows
    /// as part of this unit of work costs more than deciding on it.
    /// </summary>
    public void PutAdded() => _put = [];

    private void Keep(object row)
    {
        if (_put is null) Add(row);
        else _put.Add(row);
    }

    /// <summary>
    /// Takes all that is new out of this unit of work, ready to be inserted with one statement per table: for loads of
    /// many thousand rows. What was amended stays for <c>SaveChangesAsync</c>.
    /// </summary>
    public SetWrite TakeAdded()
    {
        if (_put is { } put)
        {
            _put = null;
            return Rows(put);
        }
        var added = ChangeTracker.Entries().Where(e => e.State == EntityState.Added).ToList();
        var set = Rows(added.Select(e => e.Entity));
        foreach (var entry in added) entry.State = EntityState.Detached;
        return set;
    }

    /// <summary>The same for rows that this unit of work need not remember: large sets of data.</summary>
    public SetWrite Rows(IEnumerable<object> added) => new(Model, added, Derive);

    public override async Task<int> SaveChangesAsync(
        bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        foreach (var entry in ChangeTracker.Entries()
            .Where(e => e.State is EntityState.Added or EntityState.Modified)) Derive(entry.Entity, new(entry));
        return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <summary>Fills the columns that follow from a state before it is saved; for many states at a time.</summary>
    protected virtual void Derive(object state, DerivedColumns columns)
    {
    }

    /// <summary>
    /// Records that personal data was shown; saved with the next <c>SaveChangesAsync</c>. Source: P5.
    /// </summary>
    public void RecordRead(string kind, Guid subjectId, string subjectPath, string what, string? reason = null) =>
        Add(NewAudit(kind, subjectId, subjectPath, what, reason, Clock.GetUtcNow(), null, null));

    /// <summary>
    /// Saves what <see cref="RecordRead"/> noted of a whole page by one statement: a row at a time costs more than the
    /// page itself.
    /// </summary>
    public Task SaveReadsAsync(CancellationToken ct) => TakeAdded().InsertAsync(this, ct);

    /// <summary>
    /// Records the last event of a state that the caller removes in the same transaction; the trail stays.
    /// </summary>
    public void RecordRemoval(string kind, Guid subjectId, string subjectPath, object happened, Guid commandId,
        string? reason) =>
        Add(AuditOf(kind, subjectId, subjectPath, happened, commandId, reason, Clock.GetUtcNow()));

    /// <summary>Queues a message outside an aggregate's change; saved with the next <c>SaveChangesAsync</c>.</summary>
    public void Enqueue(Outgoing message) => Keep(RowOf(message, Clock.GetUtcNow()));

    private AuditRow AuditOf(string kind, Guid id, string path, object happened, Guid commandId, string? reason,
        DateTimeOffset now) => NewAudit(kind, id, path, happened.GetType().Name, reason, now, commandId,
        Cipher.Encrypt(JsonSerializer.SerializeToUtf8Bytes(happened, happened.GetType(), EventJson), "audit"));

    private AuditRow NewAudit(string kind, Guid id, string path, string action, string? reason, DateTimeOffset now,
        Guid? commandId, byte[]? body) => new()
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            Actor = Caller.Subject,
            ActorName = Caller.Name,
            ActorOrg = Caller.Org,
            OnBehalfOf = Caller.OnBehalfOf,
            SubjectKind = kind,
            SubjectId = id,
            SubjectPath = path,
            Action = action,
            Reason = reason,
            CommandId = commandId,
            Body = body,
            TraceId = Activity.Current?.TraceId.ToHexString(),
        };

    private OutboxRow RowOf(Outgoing message, DateTimeOffset now, Guid? line = null)
    {
        var (lane, type, from, to, body) = message switch
        {
            BusFact f => ("bus", f.Fact.GetType().FullName!, null, null,
                JsonSerializer.SerializeToUtf8Bytes(f.Fact, f.Fact.GetType(), EventJson)),
            RegionMessage r => ("exchange", r.Type, (string?)r.FromRegion, (string?)r.ToRegion, r.Payload),
            _ => throw new UnreachableException(message.GetType().Name),
        };
        return new()
        {
            MessageId = message is RegionMessage { TakesLineId: true } && line is { } id ? id
                : Guid.CreateVersion7(now),
            Lane = lane,
            Type = type,
            FromRegion = from,
            ToRegion = to,
            Body = Cipher.Encrypt(body, "outbox"),
            At = now,
            TraceParent = Activity.Current?.Id,
        };
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AppliedCommand>().ToTable("applied_command");
        modelBuilder.Entity<OutboxRow>().ToTable("outbox");
        modelBuilder.Entity<AuditRow>().ToTable("audit");
    }

    private static Problem Reused { get; } = new(ProblemKind.Invalid, "COMMAND_ID_REUSED",
        "This command id was already used for something else; send a new UUID.", "该命令编号已用于其他操作，请使用新的编号。");
}
