namespace Architecture.Tests;

/// <summary>A rule holds when nothing was found against it; else everything found is shown.</summary>
internal static class Rule
{
    public static void Holds(IEnumerable<string> faults)
    {
        var found = faults.ToArray();
        if (found.Length > 0) Assert.Fail($"{found.Length} found:\n{string.Join('\n', found)}");
    }
}
