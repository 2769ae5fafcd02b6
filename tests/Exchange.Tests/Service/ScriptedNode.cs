using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Tests.Service;

/// <summary>
/// A node played by the test: speaks the wire format by hand through its vhost, so that it can say what no honest
/// node would say.
/// </summary>
public sealed class ScriptedNode : IAsyncDisposable
{
    private readonly Federation _federation;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Channel<V1.Control> _heard = System.Threading.Channels.Channel.CreateUnbounded<V1.Control>();

    private ScriptedNode(Federation federation, IConnection connection, IChannel channel)
    {
        (_federation, _connection, _channel) = (federation, connection, channel);
        Self = new(Federation.ScriptedPath, "140181");
        TakeKeysOf(Self, Canonical.Microseconds(DateTimeOffset.UtcNow));
    }

    public static byte[] Proof(NodeRecord record) => HMACSHA256.HashData(
        SHA256.HashData(Encoding.UTF8.GetBytes(Federation.Code(record.Path))), Canonical.RecordDigest(record).Span);

    /// <summary>From now on speaks with these keys, made valid around now.</summary>
    public void TakeKeysOf(TestNode keys, DateTimeOffset now)
    {
        Self = keys;
        Self.Record = Self.Record with
        {
            SigningKeys = [Self.Record.SigningKeys[0] with { NotBefore = now.AddHours(-1),
                NotAfter = now.AddYears(1) }],
            SealingKeys = [Self.Record.SealingKeys[0] with { NotBefore = now.AddHours(-1),
                NotAfter = now.AddYears(1) }],
        };
    }

    public TestNode Self { get; private set; }
    public V1.NodeRecord Target { get; private set; } = null!;
    public long Sequence { get; set; }
    public Digest Head { get; set; } = Digest.Zero;

    /// <summary>Takes the free place in the tree; enrols when nobody has this path yet.</summary>
    public static async Task<ScriptedNode> JoinAsync(Federation federation, string target)
    {
        var connection = await new ConnectionFactory { Uri = new(
            federation.Uri(Federation.ScriptedPath)) }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueuePurgeAsync("exchange.in");
        var node = new ScriptedNode(federation, connection, channel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, e) =>
        {
            if (V1.WireMessage.Parser.ParseFrom(e.Body.Span).Control is { } control) node._heard.Writer.TryWrite(
                control);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync("exchange.in", autoAck: true, consumer);
        await node.EnrolAsync(target);
        return node;
    }

    private async Task EnrolAsync(string target)
    {
        // Each scripted node has new keys, a code serves one key: what the parent remembers of earlier ones is taken
        // away.
        await _federation.Hub.SqlAsync<int>("delete from used_enrolment_code where path = $1", Self.Record.Path);
        await _federation.B.SqlAsync<int>("delete from incoming_ledger where from_node = $1", Self.Record.Path);
        await _federation.B.SqlAsync<int>("delete from incoming_gap where from_node = $1", Self.Record.Path);
        await _federation.B.SqlAsync<int>("delete from incoming_stream where from_node = $1", Self.Record.Path);
        await _federation.B.SqlAsync<int>("delete from desk_item where node = $1", Self.Record.Path);
        var record = Exchange(Self.Record);
        var proof = Proof(Self.Record);
        await ControlAsync(Federation.HubPath, V1.ControlKind.EnrolmentRequest,
            new V1.EnrolmentRequest { Record = record, Proof = ByteString.CopyFrom(proof) });
        var answer = V1.EnrolmentAnswer.Parser.ParseFrom((await HearAsync(V1.ControlKind.EnrolmentAnswer)).Body);
        Xunit.Assert.Equal("", answer.Code);
        Target = answer.Bundle.Single(r => r.Path == target);
        await Eventually.TrueAsync(() => Task.FromResult(Knows()), "the target knows the scripted node's key");

        bool Knows() => _federation.B.Services.GetService(typeof(Exchange.Service.Trust.NodeDirectory))
            is Exchange.Service.Trust.NodeDirectory d
                && d.Bundle.Find(Self.Record.Path)?.SigningKeys[0].KeyId == Self.KeyId;
    }

    /// <summary>The next entry of the stream to the target, changed by the test before or after it is signed.</summary>
    public V1.Envelope Entry(string text, Action<V1.Envelope>? before = null, Action<V1.Envelope>? after = null,
        SigningKey? signer = null, byte[]? sealedPayload = null, long? sequence = null, Digest? previous = null)
    {
        var at = Timestamp.FromDateTimeOffset(Canonical.Microseconds(DateTimeOffset.UtcNow));
        var e = new V1.Envelope
        {
            Id = Guid.CreateVersion7().ToString("D"),
            FromNode = Self.Record.Path,
            ToNode = Target.Path,
            FromRegion = "140181",
            ToRegion = "140105",
            Sequence = sequence ?? Sequence + 1,
            PreviousDigest = ByteString.CopyFrom((previous ?? Head).Span),
            Type = "platform.test.v1.Note",
            TypeVersion = 1,
            SentAt = at,
            OccurredAt = at,
            SealAlgorithm = Hpke.Aes256.Name,
            SealKeyId = Target.SealingKeys[0].KeyId,
        };
        before?.Invoke(e);
        e.SealedPayload = ByteString.CopyFrom(sealedPayload ?? Seal(e, text));
        var digest = DigestOf(e);
        e.Signature = Signed(Self.Sign(Canonical.EntryPurpose, digest, DateTimeOffset.UtcNow), signer, digest);
        after?.Invoke(e);
        return e;
    }

    /// <summary>Makes the entry the head of the stream; entries that never will be accepted are not advanced
    /// over.</summary>
    public V1.Envelope Advance(V1.Envelope e)
    {
        (Sequence, Head) = (e.Sequence, DigestOf(e));
        return e;
    }

    public Task PublishAsync(V1.Envelope e) => PublishAsync(Target.Path, new() { Envelope = e });

    public Task PublishAsync(string key, V1.WireMessage message) => _channel.BasicPublishAsync(
        "interregion", key, true, new BasicProperties { Persistent = true }, message.ToByteArray()).AsTask();

    public Task ControlAsync(string to, V1.ControlKind kind, IMessage body)
    {
        var id = Guid.CreateVersion7();
        var control = new V1.Control
        {
            Id = id.ToString("D"),
            FromNode = Self.Record.Path,
            ToNode = to,
            IssuedAt = Timestamp.FromDateTimeOffset(Canonical.Microseconds(DateTimeOffset.UtcNow)),
            Kind = kind,
            Body = body.ToByteString(),
        };
        var digest = Canonical.ControlDigest(
            id, control.FromNode, to, control.IssuedAt.ToDateTimeOffset(), (int)kind, control.Body.Span);
        control.Signature = Signed(Self.Sign(Canonical.ControlPurpose, digest, DateTimeOffset.UtcNow), null, digest);
        return PublishAsync(to, new() { Control = control });
    }

    /// <summary>The next control message of a kind that fits; others are passed over.</summary>
    public async Task<V1.Control> HearAsync(V1.ControlKind kind, Func<V1.Control, bool>? fits = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var control = await _heard.Reader.ReadAsync(limit.Token);
            if (control.Kind == kind && fits?.Invoke(control) != false) return control;
        }
    }

    public async Task<V1.Receipt> ReceiptAsync(long through) =>
        V1.Receipt.Parser.ParseFrom((await HearAsync(V1.ControlKind.Receipt,
        c => V1.Receipt.Parser.ParseFrom(c.Body).ThroughSequence >= through)).Body);

    public async Task<V1.Refusal> RefusalAsync(string code) =>
        V1.Refusal.Parser.ParseFrom((await HearAsync(V1.ControlKind.Refusal,
        c => V1.Refusal.Parser.ParseFrom(c.Body).Code == code)).Body);

    public static Digest DigestOf(V1.Envelope e) => Canonical.EntryDigest(Core(e));

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        Self.Dispose();
    }

    private byte[] Seal(V1.Envelope e, string text)
    {
        using var recipient = ECDiffieHellman.Create();
        recipient.ImportSubjectPublicKeyInfo(Target.SealingKeys[0].PublicKey.Span, out _);
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Hpke.Aes256.Seal(recipient, ephemeral, "platform.exchange.payload.v1"u8, Canonical.SealContext(Core(e)),
            Encoding.UTF8.GetBytes(text));
    }

    private V1.Signature Signed(Signature own, SigningKey? other, Digest digest)
    {
        var s = other is null ? own
            : SignatureAlgorithms.Sign(other, Self.KeyId, "ES256", Canonical.EntryPurpose, digest, own.SignedAt);
        return new()
        {
            KeyId = s.KeyId,
            Algorithm = s.Algorithm,
            SignedAt = Timestamp.FromDateTimeOffset(s.SignedAt),
            Value = ByteString.CopyFrom(s.Value.Span),
        };
    }

    private static Envelope Core(V1.Envelope e) => new()
    {
        Id = Guid.Parse(e.Id),
        FromNode = e.FromNode,
        ToNode = e.ToNode,
        FromRegion = e.FromRegion,
        ToRegion = e.ToRegion,
        Sequence = e.Sequence,
        PreviousDigest = Digest.Read(e.PreviousDigest.Span)!.Value,
        Type = e.Type,
        TypeVersion = (int)e.TypeVersion,
        SentAt = e.SentAt.ToDateTimeOffset(),
        OccurredAt = e.OccurredAt.ToDateTimeOffset(),
        TraceParent = e.TraceParent,
        SealAlgorithm = e.SealAlgorithm,
        SealKeyId = e.SealKeyId,
        PayloadDigest = Digest.Of(e.SealedPayload.Span),
        PayloadSize = e.SealedPayload.Length,
    };

    public static V1.NodeRecord Exchange(NodeRecord r)
    {
        var record = new V1.NodeRecord { Path = r.Path, Name = r.Name, Regions = { r.Regions }, Version = r.Version };
        record.SigningKeys.AddRange(r.SigningKeys.Select(Key));
        record.SealingKeys.AddRange(r.SealingKeys.Select(Key));
        return record;

        static V1.NodeKey Key(NodeKey k) => new()
        {
            KeyId = k.KeyId,
            Algorithm = k.Algorithm,
            PublicKey = ByteString.CopyFrom(k.PublicKey.Span),
            NotBefore = Timestamp.FromDateTimeOffset(k.NotBefore),
            NotAfter = Timestamp.FromDateTimeOffset(k.NotAfter),
        };
    }
}
