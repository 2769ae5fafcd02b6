using System.Security.Cryptography;
using System.Text;
using Exchange.Service.Transport;
using Google.Protobuf;
using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Trust;

/// <summary>
/// How a node comes to be believed: it asks its parent with a one-time code, the parent certifies its record, and the
/// directory
/// travels along the edges of the tree. Everything through the brokers; nothing here opens a connection to another
/// node.
/// </summary>
public sealed partial class Enrolment(
    NpgsqlDataSource source, NodeIdentity node, NodeDirectory directory, Keyring keyring, ControlSender sender,
    ExchangeOptions options, TimeProvider clock, ILogger<Enrolment> logger)
{
    private const int TriesMax = 3;

    /// <summary>The root certifies itself; anew when its name, regions or keys change.</summary>
    public async Task CertifyRootAsync(CancellationToken ct)
    {
        var known = directory.Bundle.Find(node.Path);
        var record = Presented(known is null ? 1 : known.Version + 1);
        if (known is not null && Same(known, record)) return;
        await directory.MergeAsync([Certify(record)], node.Path, ct);
    }

    /// <summary>Asks the parent while this node has no certified record that fits what it is.</summary>
    /// <returns>Whether something was asked.</returns>
    public bool AskParent()
    {
        if (node.Parent is null || (directory.Own is { } own && Same(own, Presented(own.Version)))) return false;
        var record = Presented((directory.Own?.Version ?? 0) + 1).ToWire();
        sender.Send(node.Parent, V1.ControlKind.EnrolmentRequest, new V1.EnrolmentRequest
        {
            Record = record,
            Proof = options.EnrolmentCode.Length == 0 ? ByteString.Empty
                : ByteString.CopyFrom(
                    Proof(SHA256.HashData(Encoding.UTF8.GetBytes(options.EnrolmentCode)), record.ToCore())),
        });
        return true;
    }

    public void SendBundle(string to, bool answerWanted) =>
        sender.Send(to, V1.ControlKind.BundleUpdate, new V1.BundleUpdate
    {
        Records = { directory.Bundle.Nodes.Select(r => r.ToWire()) },
        AnswerWanted = answerWanted,
    });

    /// <summary>Tells the neighbours in the tree, except the one who told us.</summary>
    public void Spread(string from)
    {
        var neighbours = directory.Bundle.Nodes.Where(n => !n.Revoked && NodeRecord.ParentOf(n.Path) == node.Path)
            .Select(n => n.Path).Append(node.Parent).OfType<string>().Where(n => n != from);
        foreach (var neighbour in neighbours) SendBundle(neighbour, answerWanted: false);
    }

    /// <summary>Withdraws a child's record: from now on nothing it signs is believed.</summary>
    public async Task<bool> RevokeAsync(string path, CancellationToken ct)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            await directory.LoadAsync(ct); // another replica may have certified the child anew
            if (NodeRecord.ParentOf(path) != node.Path || directory.Bundle.Find(path) is not { } record) return false;
            if (record.Revoked || await directory.MergeAsync(
                [Certify(record with { Revoked = true, Version = record.Version + 1 })], node.Path, ct)) return true;
        }
        return false;
    }

    internal async Task HandleAsync(V1.Control control, Guid id, CancellationToken ct)
    {
        if (control.Kind == V1.ControlKind.EnrolmentAnswer)
        {
            await TakeAnswerAsync(control, ct);
            return;
        }
        var request = V1.EnrolmentRequest.Parser.ParseFrom(control.Body);
        if (request.Record is null || request.Record.Path != control.FromNode) return;
        var record = request.Record.ToCore();
        if (!SignedByPresented(control, id, record)) return;
        var answer = new V1.EnrolmentAnswer { Code = await JudgeAsync(record, request.Proof.Memory, ct) ?? "" };
        if (answer.Code.Length == 0)
        {
            answer.Record = directory.Bundle.Find(record.Path)!.ToWire();
            answer.Bundle.AddRange(directory.Bundle.Nodes.Select(r => r.ToWire()));
            LogEnrolled(logger, record.Path);
        }
        else LogRefused(logger, record.Path, answer.Code);
        sender.Send(control.FromNode, V1.ControlKind.EnrolmentAnswer, answer);
    }

    private async Task TakeAnswerAsync(V1.Control control, CancellationToken ct)
    {
        if (control.FromNode != node.Parent) return;
        var answer = V1.EnrolmentAnswer.Parser.ParseFrom(control.Body);
        if (answer.Code.Length > 0) LogRefused(logger, node.Path, answer.Code.Length <= 60 ? answer.Code : "");
        else await directory.MergeAsync(
            answer.Bundle.Append(answer.Record).OfType<V1.NodeRecord>().Select(r => r.ToCore()),
            control.FromNode, ct);
        if (directory.Own is not null) LogEnrolled(logger, node.Path);
    }

    /// <returns>Null: certified (now or before). Problems in this order: NOT_MY_CHILD, RECORD_MALFORMED,
    /// REGION_OUTSIDE_PARENT,
    /// ENROLMENT_CODE_WRONG, ENROLMENT_CODE_USED.</returns>
    private async Task<string?> JudgeAsync(NodeRecord record, ReadOnlyMemory<byte> proof, CancellationToken ct)
    {
        if (NodeRecord.ParentOf(record.Path) != node.Path || directory.Own is null) return ExchangeCodes.NotMyChild;
        var known = directory.Bundle.Find(record.Path);
        if (known is not null && Same(known, record)
            && !known.Revoked) return null; // our answer was lost: the same answer
        var latest = clock.GetUtcNow() + options.KeyValidity + TimeSpan.FromDays(1);
        if (record.SigningKeys.Count is 0 or > 10 || record.SealingKeys.Count is 0 or > 10 || record.Revoked
            || record.SigningKeys.Concat(record.SealingKeys)
                .Any(k => k.NotAfter > latest)) return ExchangeCodes.RecordMalformed;
        if (!options.EnrolmentCodes.TryGetValue(record.Path, out var setting)) return ExchangeCodes.EnrolmentCodeWrong;
        var parts = setting.Split(';', 2);
        var regions = parts.Length < 2 ? null : parts[1].Split(',', StringSplitOptions.TrimEntries);
        if (regions is not null
            && !record.Regions.All(r => regions.Any(a => r.StartsWith(a, StringComparison.Ordinal))))
            return ExchangeCodes.RegionOutsideParent;
        if (!ProofHolds(parts[0].Trim(), record, proof)) return ExchangeCodes.EnrolmentCodeWrong;
        if (!await UseAsync(parts[0].Trim().ToLowerInvariant(), record, ct)) return ExchangeCodes.EnrolmentCodeUsed;
        await directory.MergeAsync([Certify(record with { Version = (known?.Version ?? 0) + 1 })], node.Path, ct);
        return directory.Bundle.Find(record.Path) is { } now && Same(now, record) ? null
            : directory.Bundle.Rejected.FirstOrDefault(r => r.Path == record.Path)?.Code
                ?? ExchangeCodes.RegionOutsideParent;
    }

    /// <summary>A code serves one key; the same key may ask again.</summary>
    private async Task<bool> UseAsync(string hash, NodeRecord record, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await Sql.RunAsync(connection,
            "insert into used_enrolment_code values ($1, $2, $3, $4) on conflict do nothing", ct,
            hash, record.Path, record.SigningKeys[0].KeyId, clock.GetUtcNow());
        return await Sql.ScalarAsync<string>(
            connection, "select key_id from used_enrolment_code where code_hash = $1", ct, hash)
            == record.SigningKeys[0].KeyId;
    }

    private static bool ProofHolds(string hash, NodeRecord record, ReadOnlyMemory<byte> proof)
    {
        var key = new byte[32];
        return Convert.FromHexString(hash, key, out _, out var written) == System.Buffers.OperationStatus.Done
            && written == 32
            && CryptographicOperations.FixedTimeEquals(Proof(key, record), proof.Span);
    }

    private static byte[] Proof(byte[] codeHash, NodeRecord record) =>
        HMACSHA256.HashData(codeHash, Canonical.RecordDigest(record).Span);

    private static bool SignedByPresented(V1.Control control, Guid id, NodeRecord record)
    {
        var signature = control.Signature.ToCore();
        if (record.SigningKeys.FirstOrDefault(k => k.KeyId == signature.KeyId) is not { } key) return false;
        try
        {
            using var ready = SignatureAlgorithms.Find(key.Algorithm)?.ReadPublic(key.PublicKey);
            return ready is not null && key.Algorithm == signature.Algorithm
                && SignatureAlgorithms.Verify(
                    ready, signature, Canonical.ControlPurpose, WireMap.ControlDigest(control, id));
        }
        catch (CryptographicException) { return false; }
    }

    private NodeRecord Certify(NodeRecord record) =>
        record with { Certification = keyring.Sign(Canonical.RecordPurpose, Canonical.RecordDigest(record)) };

    private NodeRecord Presented(long version) => new()
    {
        Path = node.Path,
        Name = node.Name,
        Regions = node.Regions,
        Version = version,
        SigningKeys = keyring.SigningKeys,
        SealingKeys = keyring.SealingKeys,
    };

    /// <summary>Whether two records say the same, whatever their version and certification.</summary>
    private static bool Same(NodeRecord a, NodeRecord b) =>
        Canonical.RecordDigest(a with { Version = 0 }) == Canonical.RecordDigest(b with { Version = 0 });

    [LoggerMessage(3060, LogLevel.Information, "Node {NodeCode} is enrolled")]
    private static partial void LogEnrolled(ILogger logger, string nodeCode);

    [LoggerMessage(3061, LogLevel.Warning, "Enrolment of {NodeCode} is refused: {ProblemCode}")]
    private static partial void LogRefused(ILogger logger, string nodeCode, string problemCode);
}
