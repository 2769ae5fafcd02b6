namespace Gateway.Console.Parts;

/// <summary>What pages with several forms share: which one was posted, its command, what was typed.</summary>
public abstract class FormPage : ConsolePage
{
    private readonly Dictionary<string, Guid> _commands = [];

    /// <summary>Name of the form that was posted; null when none was.</summary>
    protected string? Posted => Http.Request.HasFormContentType ? Http.Request.Form["_handler"].ToString() : null;

    /// <summary>
    /// Id of the command of a form: stays the same when the form comes back, so that it is done once.
    /// </summary>
    protected Guid Command(string form) => _commands.TryGetValue(form, out var id) ? id
        : _commands[form] = Guid.TryParse(Typed(form, "command"), out var kept) ? kept : Guid.CreateVersion7(Say.Now);

    /// <summary>What was typed into a field of the form that was posted, or what stands there at first.</summary>
    protected string Typed(string form, string name, string otherwise = "") =>
        Posted == form && Http.Request.Form.TryGetValue(name, out var value) ? value.ToString() : otherwise;

    /// <summary>Province, city and county in one word; a code that no list has stands for itself.</summary>
    protected static string PlaceName(IReadOnlyDictionary<string, string> places, string code)
    {
        if (code.Length < 6) return code;
        var county = code[..6];
        return string.Concat(new[] { $"{code[..2]}0000", $"{code[..4]}00", county }.Distinct()
            .Select(c => places.GetValueOrDefault(c, c == county ? county : "")));
    }

    /// <summary>Which page of a list is asked for, ready to be added to a query.</summary>
    protected static string Page(string? after) =>
        string.IsNullOrEmpty(after) ? "" : $"&after={Uri.EscapeDataString(after)}";
}
