using System.Collections.Concurrent;
using System.Security.Cryptography;
using Npgsql;
using Platform.Hosting;

namespace Exchange.Service.Trust;

/// <summary>This node's own keys: made once, encrypted at rest, kept for as long as something sealed to them may
/// arrive.</summary>
public sealed class Keyring(NpgsqlDataSource source, FieldCipher cipher, ExchangeOptions options, TimeProvider clock)
    : IDisposable
{
    private const string Purpose = "exchange-key";
    private readonly ConcurrentDictionary<string, ECDiffieHellman> _sealing = new(StringComparer.Ordinal);
    private readonly Lock _signing = new();
    private SigningKey? _key;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<NodeKey> SigningKeys { get; private set; } = [];
    public IReadOnlyList<NodeKey> SealingKeys { get; private set; } = [];
    public NodeKey Current => SigningKeys[0];
    public string Fingerprint => SignatureAlgorithms.Fingerprint(Current.PublicKey.Span);

    /// <summary>Reads the keys; makes the first pair when there is none. Two replicas starting at once agree.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var locked = new NpgsqlCommand(
            "select pg_advisory_xact_lock(hashtext('exchange:own-key'))", connection))
            await locked.ExecuteNonQueryAsync(ct);
        if (!await ReadAsync(connection, ct))
        {
            using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var sealing = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            await SaveAsync(connection, "signing", SignatureAlgorithms.Es256,
                signing.ExportSubjectPublicKeyInfo(), signing.ExportPkcs8PrivateKey(), ct);
            await SaveAsync(connection, "sealing", NodeKey.Dhkem,
                sealing.ExportSubjectPublicKeyInfo(), sealing.ExportPkcs8PrivateKey(), ct);
            await ReadAsync(connection, ct);
        }
        await transaction.CommitAsync(ct);
    }

    public Signature Sign(string purpose, Digest digest)
    {
        lock (_signing)
        {
            return SignatureAlgorithms.Sign(_key ?? throw new InvalidOperationException("Keys are not loaded."),
                Current.KeyId, Current.Algorithm, purpose, digest, clock.GetUtcNow());
        }
    }

    /// <returns>Null: not sealed to any key of ours under this header, or changed.</returns>
    public byte[]? Open(Envelope envelope, ReadOnlySpan<byte> sealedPayload)
    {
        if (Hpke.Find(envelope.SealAlgorithm) is not { } suite) return null;
        if (!_sealing.TryGetValue(envelope.SealKeyId, out var key)) return null;
        return suite.Open(key, Sealer.Info, Canonical.SealContext(envelope), sealedPayload);
    }

    public void Dispose()
    {
        _key?.Dispose();
        foreach (var key in _sealing.Values) key.Dispose();
    }

    private async Task<bool> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var (signing, sealing) = (new List<NodeKey>(), new List<NodeKey>());
        await using var select = new NpgsqlCommand("""
            select key_id, purpose, algorithm, public_key, private_key, not_before, not_after from own_key
            order by not_before desc, key_id
            """, connection);
        await using var reader = await select.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var key = new NodeKey(reader.GetString(0), reader.GetString(2), reader.GetFieldValue<byte[]>(3),
                reader.GetFieldValue<DateTimeOffset>(5), reader.GetFieldValue<DateTimeOffset>(6));
            var secret = cipher.Decrypt(reader.GetFieldValue<byte[]>(4), Purpose);
            if (reader.GetString(1) == "signing")
            {
                signing.Add(key);
                if (signing.Count == 1) _key = SignatureAlgorithms.Find(key.Algorithm)!.ReadPrivate(secret);
            }
            else
            {
                sealing.Add(key);
                var pair = ECDiffieHellman.Create();
                pair.ImportPkcs8PrivateKey(secret, out _);
                if (!_sealing.TryAdd(key.KeyId, pair)) pair.Dispose();
            }
            CryptographicOperations.ZeroMemory(secret);
        }
        (SigningKeys, SealingKeys) = (signing, sealing);
        return signing.Count > 0 && sealing.Count > 0;
    }

    private async Task SaveAsync(NpgsqlConnection connection, string purpose, string algorithm, byte[] publicKey,
        byte[] privateKey, CancellationToken ct)
    {
        var now = Canonical.Microseconds(clock.GetUtcNow());
        await using var insert = new NpgsqlCommand(
            "insert into own_key values ($1, $2, $3, $4, $5, $6, $7)", connection)
        {
            Parameters =
            {
                new() { Value = SignatureAlgorithms.KeyId(publicKey) },
                new() { Value = purpose },
                new() { Value = algorithm },
                new() { Value = publicKey },
                new() { Value = cipher.Encrypt(privateKey, Purpose) },
                new() { Value = now.AddMinutes(-5) }, // a neighbour's clock may be a little behind
                new() { Value = now + options.KeyValidity },
            },
        };
        await insert.ExecuteNonQueryAsync(ct);
        CryptographicOperations.ZeroMemory(privateKey);
    }
}

/// <summary>Seals payloads to other nodes' keys; keeps read public keys.</summary>
public sealed class Sealer : IDisposable
{
    internal static readonly byte[] Info = "platform.exchange.payload.v1"u8.ToArray();
    private readonly ConcurrentDictionary<string, ECDiffieHellman> _keys = new(StringComparer.Ordinal);

    public byte[] Seal(NodeKey to, byte[] context, ReadOnlySpan<byte> payload)
    {
        var recipient = _keys.GetOrAdd(Convert.ToHexString(to.PublicKey.Span), (_, info) =>
        {
            var key = ECDiffieHellman.Create();
            key.ImportSubjectPublicKeyInfo(info.Span, out int _);
            return key;
        }, to.PublicKey);
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Hpke.Aes256.Seal(recipient, ephemeral, Info, context, payload);
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }
}
