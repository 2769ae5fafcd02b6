using Platform.Hosting;
using Platform.Kernel;

namespace Identity.Service.Capabilities;

/// <summary>Collects everything wrong with a request before refusing it once.</summary>
internal sealed class Input
{
    private readonly List<Violation> _violations = [];

    /// <summary>Text of 1 to <paramref name="max"/> characters after trimming; no control characters.</summary>
    public string Text(string? value, string field, int max)
    {
        var text = value?.Trim() ?? "";
        Must(text.Length > 0, field, "REQUIRED", "A value is required.", "必填。");
        Must(text.Length <= max, field, "TOO_LONG", $"At most {max} characters.", $"最多 {max} 个字符。");
        Must(!text.Any(char.IsControl), field, "CONTROL_CHARACTER", "No control characters.", "不能含控制字符。");
        return text;
    }

    /// <summary>An organisation path such as <c>140000/141000/141022/</c>.</summary>
    public string Path(string? value, string field)
    {
        Must(Caller.IsPath(value ?? ""), field, "NOT_A_PATH", "An organisation path, ending with a slash.",
            "须为以斜杠结尾的组织路径。");
        return value ?? "";
    }

    /// <summary>Refuses when <paramref name="holds"/> is false.</summary>
    public void Must(bool holds, string field, string code, string detail, string detailZh)
    {
        if (!holds) _violations.Add(new(field, code, detail, detailZh));
    }

    /// <exception cref="ProblemException">INPUT_INVALID with all fields at fault.</exception>
    public void ThrowIfAny()
    {
        if (_violations.Count > 0) throw new ProblemException(ProblemMap.InputInvalid(_violations));
    }
}
