using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Mobility;
using V1 = Platform.Contracts.Registry.V1;

namespace Registry.Service;

/// <summary>Between the records of the core and the messages between regions.</summary>
internal static class CaseWire
{
    public const string CaseType = "platform.registry.v1.CaseMessage";
    public const string ReportType = "platform.registry.v1.SideReport";

    public static V1.CaseFacts ToWire(this CaseFacts f) => new()
    {
        Name = f.Name,
        IdNumber = f.IdNumber,
        Phone = f.Phone,
        Standing = f.Standing,
        Employer = f.Employer,
        CreditCode = f.CreditCode,
        Occupation = f.Occupation,
        Residence = f.Residence,
        CertificateNumber = f.CertificateNumber,
    };

    public static CaseFacts ToFacts(this V1.CaseFacts? f) => f is null ? throw Malformed("facts") : new()
    {
        Name = Bounded(f.Name, "name"),
        IdNumber = Bounded(f.IdNumber, "id_number"),
        Phone = Bounded(f.Phone, "phone"),
        Standing = Bounded(f.Standing, "standing"),
        Employer = Bounded(f.Employer, "employer"),
        CreditCode = Bounded(f.CreditCode, "credit_code"),
        Occupation = Bounded(f.Occupation, "occupation"),
        Residence = Bounded(f.Residence, "residence"),
        CertificateNumber = Bounded(f.CertificateNumber, "certificate_number"),
    };

    public static V1.DepartureReason ToWire(this DepartureReason reason) => reason switch
    {
        DepartureReason.Returned => V1.DepartureReason.Returned,
        DepartureReason.MovedOn => V1.DepartureReason.MovedOn,
        DepartureReason.Unknown => V1.DepartureReason.Unknown,
    };

    public static DepartureReason ToReason(this V1.DepartureReason reason) => reason switch
    {
        V1.DepartureReason.Returned => DepartureReason.Returned,
        V1.DepartureReason.MovedOn => DepartureReason.MovedOn,
        V1.DepartureReason.Unknown => DepartureReason.Unknown,
        _ => throw Malformed("reason"),
    };

    public static V1.LostContact ToWire(this LostContactFinding f) => new()
    {
        Reason = f.Reason,
        LastContactOn = Date(f.LastContactOn),
        Attempts = { f.Attempts },
        FoundByHome = f.FoundBy == Side.Home,
        FoundOn = Date(f.FoundOn),
    };

    public static LostContactFinding ToFinding(this V1.LostContact f) => new(Bounded(f.Reason, "reason"),
        Date(f.LastContactOn, "last_contact_on"), [.. f.Attempts.Take(20).Select(a => Bounded(a, "attempts"))],
        f.FoundByHome ? Side.Home : Side.Host, Date(f.FoundOn, "found_on"));

    public static string Date(DateOnly on) => on.ToString("O", CultureInfo.InvariantCulture);

    public static DateOnly Date(string text, string field) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var on) ? on
            : throw Malformed(field);

    public static byte[] CaseKey(ByteString key) => key.Length == 16 ? key.ToByteArray() : throw Malformed("case_key");

    /// <summary>
    /// Keyed digests of the facts: equal on both sides when the facts are equal, opaque to everybody else.
    /// </summary>
    public static Dictionary<string, string> Digests(CaseFacts facts, byte[] caseKey) => CaseFacts.Fields.ToDictionary(
        f => f.Name,
        f => Convert.ToHexStringLower(
            HMACSHA256.HashData(caseKey, Encoding.UTF8.GetBytes($"{f.Name}\n{f.Get(facts)}")).AsSpan(0, 8)));

    internal static string Bounded(string text, string field) => text.Length <= 500 ? text : throw Malformed(field);

    private static ProblemException Malformed(string field) => new(new(ProblemKind.Invalid, "CASE_MESSAGE_MALFORMED",
        $"The field {field} of the message is missing, too long or of another form.", "消息字段缺失、过长或格式不符。"));
}
