using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Duplicates;
using Registry.Organisations;
using Registry.Service.Persistence;
using V1 = Platform.Contracts.Registry.V1;
using X1 = Platform.Contracts.Exchange.V1;

namespace Registry.Service.Capabilities;

/// <summary>
/// Doubles across regions without showing a list: the lead's key goes to the other regions only, keyed hashes go to the
/// matcher only, and the matcher tells each region which of its own hashes came from elsewhere too. Source: M-075.
/// </summary>
internal sealed class SharedDesk(RegistryDb db, CallerContext context, NodeOptions node,
    X1.ExchangeService.ExchangeServiceClient exchange, TimeProvider clock)
{
    public const string Type = "platform.registry.v1.SharedRound";

    /// <summary>Most members one region compares in a round.</summary>
    public const int HashesMax = 300_000;

    /// <summary>Bytes of a hash.</summary>
    private const int HashBytes = 16;

    /// <summary>Hashes or matches in one message, well below the largest payload.</summary>
    private const int PortionMax = 20_000;

    /// <summary>Opens a round and invites its regions.</summary>
    public async Task<SharedRound> OpenAsync(CommandId command, Organisation top, string regions, string reason,
        CancellationToken ct)
    {
        var round = new SharedRound
        {
            Id = command.Value,
            Path = top.Path,
            MatcherRegion = node.OwnRegion,
            Regions = regions,
            Reason = reason,
            OpenedBy = context.Current.Subject,
            OpenedAt = clock.GetUtcNow(),
        };
        var takesPart = SharedRoundDecider.Fits(round.MatcherRegion, regions.Split(','))
            && await MatcherTakesPartAsync(round.MatcherRegion, regions, ct);
        return await db.CommitAsync(command.Value, round.Id, new Change<SharedRound, SharedRoundEvent>("shared-round",
            existing => SharedRoundDecider.Open(existing, round, takesPart), SharedRoundDecider.Evolve, r => r.Path,
            (_, r, _) => r.Regions.Split(',').Select(region => Message(r.Id, r.MatcherRegion, r.Regions,
                r.MatcherRegion, region, m => m.Opened = new() { Reason = reason }))), ct);
    }

    /// <summary>Closes a round: compares what came, answers every region that sent, and forgets the hashes.</summary>
    public async Task<SharedRound> CloseAsync(Guid command, Guid id, Action<SharedRound> allowed, CancellationToken ct)
    {
        await using var transaction = db.Database.CurrentTransaction is null
            ? await db.Database.BeginTransactionAsync(ct) : null;
        await HoldRoundAsync(id, ct);
        var round = await db.Set<SharedRound>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, ct)
            ?? throw new ProblemException(SharedRoundDecider.NotFound);
        allowed(round);
        var rows = round.ClosedAt is not null ? [] : await db.Database.SqlQuery<Collision>($"""
            select hash, array_agg(region order by region) as regions from shared_hash where round_id = {id}
            group by hash having count(*) > 1 order by hash
            """).ToListAsync(ct);
        var sent = await db.Database.SqlQuery<string>(
            $"select region as \"Value\" from shared_total where round_id = {id}").ToListAsync(ct);
        var closed = await db.CommitAsync(command, id, new Change<SharedRound, SharedRoundEvent>("shared-round",
            r => SharedRoundDecider.Close(r, rows.Count, clock.GetUtcNow()), SharedRoundDecider.Evolve, r => r.Path,
            (_, r, _) => sent.SelectMany(region => Answers(r, region, rows))), ct);
        await db.Database.ExecuteSqlAsync($"delete from shared_hash where round_id = {id}", ct);
        if (transaction is not null) await transaction.CommitAsync(ct);
        return closed;
    }

    /// <summary>A person of the region agrees; the lead makes the key, and hashes go out as soon as the key is
    /// here.</summary>
    public async Task<SharedPart> JoinAsync(CommandId command, SharedPart known, CancellationToken ct)
    {
        if (known.JoinedAt is not null) return known;
        var takesPart = await MatcherTakesPartAsync(known.MatcherRegion, known.Regions, ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await OneAtATimeAsync(known.Id, ct);
        var part = await CommitAsync(command.Value, known.Id,
            p => SharedPartDecider.Join(p, context.Current.Subject, takesPart, clock.GetUtcNow()), ct);
        if (part.IsLead)
        {
            var key = RandomNumberGenerator.GetBytes(32);
            await KeepKeyAsync(part.Id, key, ct);
            foreach (var region in part.Regions.Split(',').Where(r => r != part.Region))
                db.Enqueue(Message(part, part.Region, region, m => m.Key = new() { Key = ByteString.CopyFrom(key) }));
            await db.SaveChangesAsync(ct);
        }
        part = await SendAsync(part, ct);
        await transaction.CommitAsync(ct);
        return part;
    }

    // By the signed directory: who serves the tier that compares must serve none of the regions.
    private async Task<bool> MatcherTakesPartAsync(string matcher, string regions, CancellationToken ct)
    {
        async Task<string> NodeOfAsync(string region) =>
            (await exchange.ResolveAsync(new() { Region = region }, cancellationToken: ct)).Node;
        var own = await NodeOfAsync(matcher);
        foreach (var region in regions.Split(','))
        {
            if (await NodeOfAsync(region) == own) return true;
        }
        return false;
    }

    /// <summary>Applies a step that arrived.</summary>
    /// <exception cref="ProblemException">CASE_WRONG_SPEAKER, SHARED_MESSAGE_BROKEN, SHARED_ROUND_NOT_FOUND,
    /// SHARED_ROUND_CONTRADICTS, SHARED_MORE_THAN_MEMBERS.</exception>
    public async Task ReceiveAsync(Guid id, V1.SharedRound m, X1.Arrival arrival, CancellationToken ct)
    {
        if (!Regions.IsCode(m.MatcherRegion) || !SharedRoundDecider.Fits(m.MatcherRegion, m.Regions))
            throw new ProblemException(Broken);
        var (round, from) = (Wire.Uuid(m.RoundId, "round_id"), arrival.FromRegion);
        switch (m.BodyCase)
        {
            case V1.SharedRound.BodyOneofCase.Opened when from == m.MatcherRegion:
                await HearAsync(id, round, m, arrival.ToRegion, m.Opened.Reason, ct);
                break;
            case V1.SharedRound.BodyOneofCase.Key when from == m.Regions[0] && m.Key.Key.Length == 32:
                var part = await HearAsync(id, round, m, arrival.ToRegion, null, ct);
                await KeepKeyAsync(part.Id, m.Key.Key.ToByteArray(), ct);
                await SendAsync(part, ct);
                break;
            case V1.SharedRound.BodyOneofCase.Hashes when m.Regions.Contains(from):
                await TakeInAsync(id, round, from, m.Hashes, ct);
                break;
            case V1.SharedRound.BodyOneofCase.Matches when from == m.MatcherRegion:
                await AnswerAsync(id, round, arrival.ToRegion, m, ct);
                break;
            case V1.SharedRound.BodyOneofCase.None:
                throw new ProblemException(Broken);
            default:
                throw new ProblemException(ApplyArrival.WrongSpeaker);
        }
    }

    private async Task<SharedPart> HearAsync(Guid id, Guid round, V1.SharedRound m, string region, string? reason,
        CancellationToken ct)
    {
        if (!m.Regions.Contains(region) || !node.Serves(region) || reason?.Length > 200)
            throw new ProblemException(ApplyArrival.WrongSpeaker);
        var existing = await PartAsync(round, region, ct);
        if (existing is not null) await OneAtATimeAsync(existing.Id, ct);
        var known = new SharedPart
        {
            Id = existing?.Id ?? id,
            RoundId = round,
            Region = region,
            Path = Regions.PathOf(region),
            MatcherRegion = m.MatcherRegion,
            Regions = string.Join(',', m.Regions),
        };
        return await CommitAsync(id, known.Id, p => SharedPartDecider.Hear(p, known, reason), ct);
    }

    // Once somebody has joined and the key is here; the key is forgotten with it.
    private async Task<SharedPart> SendAsync(SharedPart part, CancellationToken ct)
    {
        if (part.JoinedAt is null || part.SentAt is not null) return part;
        var kept = await db.Database.SqlQuery<byte[]>(
            $"select key as \"Value\" from shared_key where part_id = {part.Id}").ToListAsync(ct);
        if (kept.Count == 0) return part;
        var key = db.Open(kept[0]);
        var hashes = new SortedDictionary<byte[], Guid>(ByOrder.Instance);
        var members = db.Members.AsNoTracking().InScope(part.Path);
        if (await members.CountAsync(ct) > HashesMax) throw new ProblemException(TooMany);
        await foreach (var m in members.Select(m => new { m.Id, m.IdNumber }).AsAsyncEnumerable().WithCancellation(ct))
            hashes[HashOf(key, m.IdNumber)] = m.Id;
        CryptographicOperations.ZeroMemory(key);
        byte[][] own = [.. hashes.Keys];
        Guid[] holders = [.. hashes.Values];
        await db.Database.ExecuteSqlAsync($"""
            insert into shared_own_hash select {part.Id}, h, i from unnest({own}, {holders}) as x (h, i)
            """, ct);
        await db.Database.ExecuteSqlAsync($"delete from shared_key where part_id = {part.Id}", ct);
        var portions = own.Length == 0 ? [[]] : own.Chunk(PortionMax);
        return await CommitAsync(Guid.CreateVersion7(clock.GetUtcNow()), part.Id,
            p => SharedPartDecider.Send(p, own.Length, clock.GetUtcNow()), ct, p => portions.Select(portion => Message(
                p, p.Region, p.MatcherRegion, m => m.Hashes = new()
                {
                    Total = own.Length,
                    Hashes = ByteString.CopyFrom([.. portion.SelectMany(h => h)]),
                })));
    }

    // Hashes that come while a round is closed come before or after: none is kept by a round that is over.
    private Task HoldRoundAsync(Guid round, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"select id from shared_round where id = {round} for update", ct);

    private async Task TakeInAsync(Guid id, Guid roundId, string region, V1.SharedHashes portion, CancellationToken ct)
    {
        await HoldRoundAsync(roundId, ct);
        var round = await db.Set<SharedRound>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == roundId, ct);
        if (round is null || !round.Regions.Split(',').Contains(region))
            throw new ProblemException(SharedRoundDecider.NotFound);
        if (round.ClosedAt is not null)
        {
            // Too late: nothing is taken in, and the region hears that it is over, so that it forgets its hashes.
            foreach (var over in Answers(round, region, [])) db.Enqueue(over);
            await db.SaveChangesAsync(ct);
            return;
        }
        var bytes = portion.Hashes.ToByteArray();
        if (bytes.Length % HashBytes != 0 || bytes.Length > PortionMax * HashBytes
            || portion.Total is < 0 or > HashesMax) throw new ProblemException(Broken);
        await NotMoreThanMembersAsync(region, portion.Total, ct);
        await db.Database.ExecuteSqlAsync($"""
            insert into shared_total values ({roundId}, {region}, {portion.Total}) on conflict do nothing
            """, ct);
        byte[][] hashes = [.. bytes.Chunk(HashBytes)];
        await db.Database.ExecuteSqlAsync($"""
            insert into shared_hash select {roundId}, h, {region} from unnest({hashes}) as h on conflict do nothing
            """, ct);
        var (complete, more) = await HowFarAsync(roundId, region, ct);
        if (more) throw new ProblemException(MoreThanMembers);
        if (complete == round.Regions.Split(',').Length) await CloseAsync(id, roundId, _ => { }, ct);
    }

    // Regions whose hashes are all here, and whether this one has sent more than it said.
    private async Task<(int Complete, bool More)> HowFarAsync(Guid round, string region, CancellationToken ct)
    {
        var counts = await db.Database.SqlQuery<Count>($"""
            select t.region, t.total, (select count(*) from shared_hash h where h.round_id = t.round_id
                and h.region = t.region)::int as received
            from shared_total t where t.round_id = {round}
            """).ToListAsync(ct);
        return (counts.Count(c => c.Received == c.Total), counts.Any(c => c.Region == region && c.Received > c.Total));
    }

    // Who sends made-up hashes learns from the answer which numbers others hold. So nobody may send many more than the
    // members its newest closing reports; the first thousand are free.
    private async Task NotMoreThanMembersAsync(string region, int total, CancellationToken ct)
    {
        var path = Regions.PathOf(region);
        var headcount = await db.Set<Figures.Closing>().AsNoTracking().Where(c => c.Path == path)
            .OrderByDescending(c => c.Month).ThenByDescending(c => c.Revision).Select(c => (long?)c.Headcount)
            .FirstOrDefaultAsync(ct);
        if (headcount is { } members && total > Math.Max(1000, members + (members / 5)))
            throw new ProblemException(MoreThanMembers);
    }

    private static IEnumerable<RegionMessage> Answers(SharedRound round, string region, List<Collision> rows)
    {
        var own = rows.Where(r => r.Regions.Contains(region)).ToList();
        V1.SharedMatch[][] portions = own.Count == 0 ? [[]] : [.. own.Select(r => new V1.SharedMatch
        {
            Hash = ByteString.CopyFrom(r.Hash), Regions = { r.Regions.Where(x => x != region) },
        }).Chunk(PortionMax / 4)];
        return portions.Select((portion, i) => Message(round.Id, round.MatcherRegion, round.Regions,
            round.MatcherRegion, region, m => m.Matches = new()
            {
                Matches = { portion }, Last = i == portions.Length - 1,
            }));
    }

    private async Task AnswerAsync(Guid id, Guid round, string region, V1.SharedRound m, CancellationToken ct)
    {
        var part = await PartAsync(round, region, ct);
        if (part is null || part.MatcherRegion != m.MatcherRegion)
            throw new ProblemException(SharedRoundDecider.NotFound);
        var found = m.Matches.Matches.SelectMany(x => x.Regions.Where(Regions.IsCode).Select(r =>
            (Hash: x.Hash.ToByteArray(), Region: r))).ToList();
        var now = clock.GetUtcNow();
        Guid[] ids = [.. found.Select(_ => Guid.CreateVersion7(now))];
        byte[][] hashes = [.. found.Select(f => f.Hash)];
        string[] regions = [.. found.Select(f => f.Region)];
        // A hint that stands or was settled is not given again.
        var added = await db.Database.ExecuteSqlAsync($"""
            insert into also_registered (id, member_id, round_id, region, found_at, outcome)
            select x.i, m.id, {round}, x.r, {now}, '' from unnest({ids}, {hashes}, {regions}) as x (i, h, r)
            join shared_own_hash o on o.part_id = {part.Id} and o.hash = x.h join member m on m.id = o.holder_id
            where not exists (select from also_registered a where a.member_id = m.id and a.region = x.r)
            """, ct);
        await CommitAsync(id, part.Id, p => SharedPartDecider.Answer(p, added, m.Matches.Last, now), ct);
        if (m.Matches.Last)
            await db.Database.ExecuteSqlAsync($"delete from shared_own_hash where part_id = {part.Id}", ct);
    }

    /// <summary>Equal on every side that has the key of the round; opaque to who has not.</summary>
    internal static byte[] HashOf(byte[] key, string idNumber) => HMACSHA256.HashData(key,
        Encoding.UTF8.GetBytes($"id-number\n{idNumber.ToUpperInvariant()}"))[..HashBytes];

    private Task<SharedPart?> PartAsync(Guid round, string region, CancellationToken ct) =>
        db.Set<SharedPart>().AsNoTracking().SingleOrDefaultAsync(p => p.RoundId == round && p.Region == region, ct);

    // The key may arrive while somebody joins: each would see the other's half missing, and nobody would send.
    private Task OneAtATimeAsync(Guid part, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"select 1 from shared_part where id = {part} for update", ct);

    private Task<int> KeepKeyAsync(Guid part, byte[] key, CancellationToken ct)
    {
        var sealedKey = db.Seal(key);
        return db.Database.ExecuteSqlAsync(
            $"insert into shared_key values ({part}, {sealedKey}) on conflict do nothing", ct);
    }

    private Task<SharedPart> CommitAsync(Guid command, Guid id, Func<SharedPart?, Decision<SharedPartEvent>> decide,
        CancellationToken ct, Func<SharedPart, IEnumerable<Outgoing>>? say = null) => db.CommitAsync(command, id,
        new Change<SharedPart, SharedPartEvent>("shared-part", decide, SharedPartDecider.Evolve, p => p.Path,
            (_, p, _) => say?.Invoke(p) ?? []), ct);

    private static RegionMessage Message(SharedPart part, string from, string to, Action<V1.SharedRound> say) =>
        Message(part.RoundId, part.MatcherRegion, part.Regions, from, to, say);

    private static RegionMessage Message(Guid round, string matcher, string regions, string from, string to,
        Action<V1.SharedRound> say)
    {
        var message = new V1.SharedRound
        {
            RoundId = round.ToString(), MatcherRegion = matcher, Regions = { regions.Split(',') },
        };
        say(message);
        return new(from, to, Type, message.ToByteArray());
    }

    private static Problem Broken { get; } = new(ProblemKind.Invalid, "SHARED_MESSAGE_BROKEN",
        "A field of the comparison's message is missing, too long or of another form.", "查重消息字段缺失、过长或格式不符。");

    private static Problem MoreThanMembers { get; } = new(ProblemKind.Precondition, "SHARED_MORE_THAN_MEMBERS",
        "A region sent more hashes than it has members by its newest closing.", "报送的散列值多于最近月报的党员数。");

    private static Problem TooMany { get; } = new(ProblemKind.TooLarge, "SHARED_TOO_MANY_MEMBERS",
        $"At most {HashesMax} members of one region are compared in a round.", $"每个地区一次最多比对 {HashesMax} 名党员。");

    private sealed record Collision(byte[] Hash, string[] Regions);

    private sealed record Count(string Region, int Total, int Received);

    private sealed class ByOrder : IComparer<byte[]>
    {
        public static readonly ByOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
