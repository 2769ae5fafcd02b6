using System.Globalization;
using System.Resources;

namespace Identity.Service.SignIn;

/// <summary>Words of the pages: Chinese unless English is asked for.</summary>
public sealed class Words
{
    private static readonly ResourceManager Texts =
        new("Identity.Service.Resources.Words", typeof(Words).Assembly);

    private readonly CultureInfo _culture;

    private Words(CultureInfo culture) => _culture = culture;

    public static Words Chinese { get; } = new(CultureInfo.InvariantCulture);

    public static Words English { get; } = new(CultureInfo.GetCultureInfo("en"));

    public bool IsChinese => ReferenceEquals(this, Chinese);

    /// <summary>Value of the attribute <c>lang</c>.</summary>
    public string Tag => IsChinese ? "zh-CN" : "en";

    /// <exception cref="KeyNotFoundException">A page asks for words that nobody wrote.</exception>
    public string this[string key] => Texts.GetString(key, _culture) ?? throw new KeyNotFoundException(key);

    /// <summary>The same with values in places such as <c>{0}</c>.</summary>
    public string Of(string key, params object[] values) => string.Format(_culture, this[key], values);
}
