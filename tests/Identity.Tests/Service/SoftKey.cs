using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Identity.Tests.Service;

/// <summary>An authenticator in software (WebAuthn level 2): one P-256 passkey, no attestation.</summary>
internal sealed class SoftKey : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(16);
    private string _user = "";
    private uint _count;

    /// <summary>Whether the holder was asked for finger or number.</summary>
    public bool Verifies { get; set; } = true;

    /// <summary>The site the browser says it is at.</summary>
    public string Origin { get; set; } = IdentityFixture.PublicUrl;

    public string Create(string optionsJson)
    {
        var options = JsonSerializer.Deserialize<JsonElement>(optionsJson);
        _user = options.GetProperty("user").GetProperty("id").GetString()!;
        var point = _key.ExportParameters(false).Q;
        // COSE_Key {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        byte[] cose = [0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32, .. point.X!, 0x22, 0x58, 32, .. point.Y!];
        byte[] data = [.. Data(Flags | 0x40), .. new byte[16], 0, (byte)_id.Length, .. _id, .. cose];
        byte[] attestation = [0xa3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xa0, .. Text("authData"),
            0x58, (byte)data.Length, .. data];
        return Answer(new
        {
            clientDataJSON = ClientData("webauthn.create", options),
            attestationObject = Base64Url.EncodeToString(attestation),
            transports = new[] { "internal" },
        });
    }

    public string Get(string optionsJson)
    {
        var client = ClientData("webauthn.get", JsonSerializer.Deserialize<JsonElement>(optionsJson));
        var data = Data(Flags);
        byte[] signed = [.. data, .. SHA256.HashData(Base64Url.DecodeFromChars(client))];
        return Answer(new
        {
            clientDataJSON = client,
            authenticatorData = Base64Url.EncodeToString(data),
            signature = Base64Url.EncodeToString(_key.SignData(
                signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            userHandle = _user,
        });
    }

    public void Dispose() => _key.Dispose();

    private byte Flags => (byte)(Verifies ? 0x05 : 0x01);

    private byte[] Data(int flags)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, ++_count);
        return [.. SHA256.HashData("127.0.0.1"u8), (byte)flags, .. count];
    }

    private string ClientData(string type, JsonElement options) => Base64Url.EncodeToString(
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            type,
            challenge = options.GetProperty("challenge").GetString(),
            origin = Origin,
            crossOrigin = false,
        }));

    private string Answer(object response) => JsonSerializer.Serialize(new
    {
        id = Base64Url.EncodeToString(_id),
        rawId = Base64Url.EncodeToString(_id),
        type = "public-key",
        authenticatorAttachment = "platform",
        clientExtensionResults = new { },
        response,
    });

    private static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.ASCII.GetBytes(text)];
}
