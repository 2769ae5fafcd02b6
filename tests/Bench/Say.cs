using System.Diagnostics;
using System.Globalization;

namespace Bench;

/// <summary>Prints figures so that they can be compared between runs.</summary>
internal static class Say
{
    public static void Machine()
    {
        var load = File.ReadAllText("/proc/loadavg")[..4];
        Line($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, load {load}");
    }

    public static void Title(string name) => Line($"\n== {name}");

    public static void Line(FormattableString text) => Line(text.ToString(CultureInfo.InvariantCulture));

    public static void Line(string text) => Console.WriteLine(text);

    /// <summary>Middle value of an odd number of runs: one noisy run does not decide.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    /// <summary>Milliseconds of each of many calls, one after the other, after as many unmeasured ones.</summary>
    public static async Task<double[]> EachAsync(int count, Func<int, Task> call)
    {
        for (var i = 0; i < count; i++) await call(i);
        var each = new double[count];
        for (var i = 0; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await call(i);
            each[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        Array.Sort(each);
        return each;
    }

    /// <summary>The value below which that share of sorted values lies.</summary>
    public static double At(this double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];
}
