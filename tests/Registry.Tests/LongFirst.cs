using Registry.Tests;
using Registry.Tests.Federated;
using Registry.Tests.Service;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongFirst))]

namespace Registry.Tests;

/// <summary>What takes a minute or more begins first, so that it is not left to run alone at the end.</summary>
public sealed class LongFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        nameof(RosterKillTests), nameof(ScopeMatrixTests), nameof(RandomReorganisationsTests),
        nameof(RosterUndoKillTests), TierCollection.Name,
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections) where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => Place(c.TestCollectionDisplayName))
            .ThenBy(c => c.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Place(string name) => Array.FindIndex(Long, l => name.Contains(l, StringComparison.Ordinal))
        is >= 0 and var at ? at : Long.Length;
}
