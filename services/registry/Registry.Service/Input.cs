using System.Reflection;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Organisations;
using Registry.Service.Reference;

namespace Registry.Service;

/// <summary>
/// The caller's id for one command (header <c>Idempotency-Key</c>, a UUID): the same id is carried out once.
/// </summary>
/// <param name="Revision">What the person saw when deciding (<c>If-Match</c>); null: whatever stands now.</param>
public readonly record struct CommandId(Guid Value, long? Revision = null)
{
    /// <summary>Reads the header; called by the framework.</summary>
    /// <exception cref="ProblemException">IDEMPOTENCY_KEY_MISSING.</exception>
    public static ValueTask<CommandId> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        ArgumentNullException.ThrowIfNull(http);
        return Guid.TryParse(http.Request.Headers["Idempotency-Key"], out var id) && id != Guid.Empty
            ? ValueTask.FromResult(new CommandId(id, Expected(http)))
            : throw new ProblemException(new(ProblemKind.Invalid, "IDEMPOTENCY_KEY_MISSING",
                "Send the header Idempotency-Key with a new UUID for each command; repeat it when you retry.",
                "每个操作须在 Idempotency-Key 请求头中携带新的 UUID，重试时保持不变。"));
    }

    private static long? Expected(HttpContext http) => long.TryParse(http.Request.Headers.IfMatch.ToString().Trim('"'),
        System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var revision)
            ? revision : null;
}

/// <summary>Collects everything wrong with a request before refusing it once.</summary>
internal sealed class Input
{
    private readonly List<Violation> _violations = [];

    /// <summary>
    /// Text of 1 to <paramref name="max"/> characters after trimming the ends; no control characters.
    /// </summary>
    /// <param name="lines">Line ends are kept: a text of several paragraphs.</param>
    public string Text(string? value, string field, int max, bool lines = false)
    {
        var text = Optional(value, field, max, lines);
        if (text.Length == 0) Add(field, "REQUIRED", "A value is required.", "必填。");
        return text;
    }

    /// <summary>Text of at most <paramref name="max"/> characters; null and blanks become "".</summary>
    public string Optional(string? value, string field, int max, bool lines = false)
    {
        var text = value?.Trim() ?? "";
        if (text.Length > max) Add(field, "TOO_LONG", $"At most {max} characters.", $"最多 {max} 个字符。");
        else if (text.Any(c => char.IsControl(c) && !(lines && c is '\n' or '\r')))
            Add(field, "CONTROL_CHARACTER", "No control characters.", "不能含控制字符。");
        return text;
    }

    /// <summary>A GB/T 2260 code of six digits.</summary>
    public string Region(string? value, string field)
    {
        if (!Regions.IsCode(value)) Add(field, "NOT_A_REGION", "Six digits of GB/T 2260.", "须为六位行政区划代码。");
        return value ?? "";
    }

    /// <summary>Code of an organisation: 1 to 20 letters, digits or hyphens; it becomes part of paths.</summary>
    public string OrganisationCode(string? value, string field)
    {
        var code = Text(value, field, 20);
        Must(code.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'), field, "NOT_A_CODE",
            "Letters, digits and hyphens.", "只能使用字母、数字和连字符。");
        return code;
    }

    /// <summary>A division code of 6, 9 or 12 digits; "" when none is given.</summary>
    public string Division(string? value, string field)
    {
        if (string.IsNullOrEmpty(value)) return "";
        if (value.Length is not (6 or 9 or 12) || !value.All(char.IsAsciiDigit))
            Add(field, "NOT_A_DIVISION", "6, 9 or 12 digits of the division codes.", "须为 6、9 或 12 位区划代码。");
        return value;
    }

    /// <summary>A civil date from 1900 to today.</summary>
    public DateOnly Past(DateOnly value, string field, DateOnly today)
    {
        if (value.Year < 1900 || value > today)
            Add(field, "OUT_OF_RANGE", "From 1900 to today.", "须为 1900 年至今天之间的日期。");
        return value;
    }

    /// <summary>A code of a code table.</summary>
    public string Code(string table, string? value, string field)
    {
        var entry = ReferenceData.Codes[table].Entries.FirstOrDefault(e => e.Code == value);
        if (entry is null) Add(field, "NOT_A_CODE", $"A code of the table {table}.", $"须为代码表 {table} 中的代码。");
        return value ?? "";
    }

    /// <summary>
    /// An id number of 18 characters that follows GB 11643; area codes that were ever valid count.
    /// </summary>
    public string Identity(string? value, string field, DateOnly today)
    {
        var reading = ResidentId.Read(value, ReferenceData.Divisions, today);
        if (reading.Id is { } id) return id.Value;
        Add(field, $"ID_{reading.Fault.ToString().ToUpperInvariant()}",
            $"Not a valid resident id number ({reading.Fault}).", "不是有效的公民身份号码，请检查位数、区划、出生日期与校验码。");
        return "";
    }

    /// <summary>A mainland telephone number, normalised; "" when none is given.</summary>
    public string Phone(string? value, string field)
    {
        if (string.IsNullOrWhiteSpace(value)) return "";
        if (PhoneNumber.Read(value) is { } number) return number.Value;
        Add(field, "NOT_A_PHONE", "A mainland mobile or landline number.", "须为有效的手机或固定电话号码。");
        return "";
    }

    /// <summary>
    /// A word of an enum in a query, spelt as the JSON answers spell it or in any other case; null stays null.
    /// </summary>
    public T? Word<T>(string? value, string field) where T : struct, Enum
    {
        if (string.IsNullOrEmpty(value)) return null;
        if (Enum.GetNames<T>().FirstOrDefault(n => n.Equals(value, StringComparison.OrdinalIgnoreCase)) is { } name)
            return Enum.Parse<T>(name);
        var words = string.Join(", ",
            Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName));
        Add(field, "NOT_A_WORD", $"One of: {words}.", $"须为以下之一：{words}。");
        return null;
    }

    /// <summary>A civil date between 1900 and 2100.</summary>
    public DateOnly Date(DateOnly value, string field)
    {
        if (value.Year is < 1900 or > 2100) Add(field, "OUT_OF_RANGE", "Between 1900 and 2100.",
            "年份须在 1900 至 2100 之间。");
        return value;
    }

    /// <summary>Refuses when <paramref name="holds"/> is false.</summary>
    public void Must(bool holds, string field, string code, string detail, string detailZh)
    {
        if (!holds) Add(field, code, detail, detailZh);
    }

    /// <exception cref="ProblemException">INPUT_INVALID with all fields at fault.</exception>
    public void ThrowIfAny()
    {
        if (_violations.Count == 0) return;
        throw new ProblemException(new(ProblemKind.Invalid, "INPUT_INVALID",
            "Some fields are missing or not as required; see errors.", "部分字段缺失或不符合要求，详见 errors。")
        { Violations = _violations });
    }

    private void Add(string field, string code, string detail, string detailZh) =>
        _violations.Add(new(field, code, detail, detailZh));
}
