using System.Globalization;
using Gateway.Console.Resources;
using Microsoft.Extensions.Localization;

namespace Gateway.Console.Parts;

/// <summary>How dates, times and missing values are said in the page's language. Civil days are China's.</summary>
public sealed class Say(IStringLocalizer<Shell> words, TimeProvider clock)
{
    private static readonly TimeZoneInfo China = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
    private const int SoonDays = 3;

    /// <summary>Today in China.</summary>
    public DateOnly Today => DateOnly.FromDateTime(Local(clock.GetUtcNow()));

    /// <summary>Now.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>A day other than today out of an address; null for today and for what is no day.</summary>
    public DateOnly? PastDay(string? iso) =>
        DateOnly.TryParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && day != Today ? day : null;

    public string NotApplicable => words["not-applicable"];

    /// <summary>Text, or the word for a value that is missing.</summary>
    public string Or(string? text) => string.IsNullOrWhiteSpace(text) ? words["none"] : text;

    /// <summary>3月18日, with the year when it is another one.</summary>
    public string Day(DateOnly day) => IsChinese
        ? day.Year == Today.Year ? $"{day.Month}月{day.Day}日" : $"{day.Year}年{day.Month}月{day.Day}日"
        : day.ToString(day.Year == Today.Year ? "d MMM" : "d MMM yyyy", CultureInfo.CurrentCulture);

    /// <summary>A day that may be missing.</summary>
    public string Day(DateOnly? day) => day is { } d ? Day(d) : words["none"];

    /// <summary>Day and time, 24 h.</summary>
    public string Moment(DateTimeOffset at) => $"{Day(DayOf(at))}{(IsChinese ? "" : " ")}{Time(at)}";

    /// <summary>14:05.</summary>
    public static string Time(DateTimeOffset at) => Local(at).ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The day with its weekday, for the head of the workbench.</summary>
    public static string LongDay(DateOnly day) => day.ToString(
        IsChinese ? "yyyy年M月d日，dddd" : "dddd, d MMMM yyyy", CultureInfo.CurrentCulture);

    /// <summary>A count with its thousands apart.</summary>
    public static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(Local(at));

    public static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>State and words of a due day: plain, soon within three days, overdue.</summary>
    public (string? State, string Left) Due(DateOnly day)
    {
        var left = day.DayNumber - Today.DayNumber;
        return left switch
        {
            < 0 => ("overdue", words["days-over", -left]),
            0 => ("soon", words["due-today"]),
            <= SoonDays => ("soon", words["days-left", left]),
            _ => (null, words["days-left", left]),
        };
    }

    /// <summary>Whether the page is in Chinese.</summary>
    public static bool IsChinese => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh";

    private static DateTime Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, China).DateTime;
}
