using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Trust;

/// <summary>The directory this node believes: read from its table, grown by what neighbours send.</summary>
public sealed class NodeDirectory(
    NpgsqlDataSource source, NodeIdentity node, Keyring keyring, ExchangeOptions options, TimeProvider clock)
    : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly Lock _keys = new();
    private volatile TrustBundle _bundle = TrustBundle.Empty;

    public TrustBundle Bundle => _bundle;

    /// <summary>This node's own record; null until it is enrolled.</summary>
    public NodeRecord? Own => _bundle.Find(node.Path) is { Revoked: false } r
        && r.SigningKeys.Any(k => k.KeyId == keyring.Current.KeyId) ? r : null;

    /// <summary>Raised after the directory changed; the argument is who told us (a path, or empty).</summary>
    public event Action<string>? Changed;

    /// <summary>See <see cref="TrustBundle.Refuses"/>; read keys are shared, so one at a time.</summary>
    public string? Refuses(string signer, Signature signature, string purpose, Digest digest)
    {
        lock (_keys) return _bundle.Refuses(signer, signature, purpose, digest, clock.GetUtcNow());
    }

    public async Task LoadAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try { await ReadAsync(ct); }
        finally { _one.Release(); }
    }

    /// <summary>Takes in records that can be believed and are newer; says whether anything changed.</summary>
    public async Task<bool> MergeAsync(IEnumerable<NodeRecord> records, string from, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            var known = _bundle.Nodes.ToList();
            var next = TrustBundle.Build(known.Concat(records), Pins);
            var newer = next.Nodes.Where(
                n => known.Find(k => k.Path == n.Path) is not { } k || k.Version < n.Version).ToList();
            if (newer.Count == 0) return false;
            var saved = false;
            foreach (var record in newer) saved |= await SaveAsync(record, from, ct);
            await ReadAsync(ct);
            if (!saved) return false;
        }
        finally { _one.Release(); }
        Changed?.Invoke(from);
        return true;
    }

    public void Dispose() => _one.Dispose();

    /// <summary>The root's own key counts as pinned at the root.</summary>
    private string[] Pins => node.IsRoot ? [keyring.Fingerprint]
        : options.RootFingerprint.ToLowerInvariant()
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private async Task ReadAsync(CancellationToken ct)
    {
        var records = new List<NodeRecord>();
        await using var command = source.CreateCommand("select record from node_record");
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            records.Add(V1.NodeRecord.Parser.ParseFrom(reader.GetFieldValue<byte[]>(0)).ToCore());
        _bundle = TrustBundle.Build(records, Pins);
    }

    /// <returns>False when another replica has kept this version or a later one.</returns>
    private async Task<bool> SaveAsync(NodeRecord record, string from, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            insert into node_record (path, version, record, learned_from, learned_at) values ($1, $2, $3, $4, $5)
            on conflict (path) do update set version = excluded.version, record = excluded.record,
                learned_from = excluded.learned_from, learned_at = excluded.learned_at
            where node_record.version < excluded.version
            """);
        command.Parameters.Add(new() { Value = record.Path });
        command.Parameters.Add(new() { Value = record.Version });
        command.Parameters.Add(new() { Value = Google.Protobuf.MessageExtensions.ToByteArray(record.ToWire()) });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(ct) > 0;
    }
}
