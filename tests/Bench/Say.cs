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
    public static async Task<double[]> EachAsync(int count, Func<int, Task> call) =>
        (await InTurnAsync(count, call))[0];

    /// <summary>Several kinds of calls, twenty of one and then twenty of the next: a machine that is faster one second
    /// than another is so for all of them.</summary>
    public static async Task<double[][]> InTurnAsync(int count, params Func<int, Task>[] calls)
    {
        const int Turn = 20;
        var each = calls.Select(_ => new double[count]).ToArray();
        // The first round warms up and is overwritten.
        foreach (var from in Enumerable.Range(0, 2 * count).Where(i => i % Turn == 0))
        {
            foreach (var (call, times) in calls.Zip(each))
            {
                for (var i = from; i < Math.Min(from + Turn, 2 * count); i++)
                {
                    var started = Stopwatch.GetTimestamp();
                    await call(i % count);
                    times[i % count] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                }
            }
        }
        foreach (var times in each) Array.Sort(times);
        return each;
    }

    /// <summary>The value below which that share of sorted values lies.</summary>
    public static double At(this double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];
}
