using System.Globalization;
using Registry.Organisations;
using Registry.Service.Reference;

namespace Bench.Data;

/// <summary>How much of what: the same plan makes the same rows.</summary>
/// <param name="Members">Spread evenly over the counties, in each over its branches.</param>
/// <param name="Cases">Three quarters stay within the province and have both cards and a mirror, 15 % leave it, 10 %
/// come from elsewhere.</param>
/// <param name="Organisations">About: counties get equally many branches.</param>
/// <param name="Counties">Six digits each, by code.</param>
/// <param name="Today">No fact lies after this day.</param>
internal sealed record DataPlan(int Members, int Cases, int Organisations, IReadOnlyList<string> Counties,
    DateOnly Today)
{
    /// <summary>All of Shanxi, its first counties, or the one that is named.</summary>
    public static DataPlan Of(int members, int cases, int organisations, string begins = "14",
        int countiesMax = int.MaxValue) => new(members, cases, organisations,
        [.. ReferenceData.Divisions.All.Select(d => d.Code)
            .Where(c => c.StartsWith(begins, StringComparison.Ordinal) && c[4..] != "00"
                && ReferenceData.Divisions.IsCurrent(c))
            .Order(StringComparer.Ordinal).Take(countiesMax)], DateOnly.FromDateTime(DateTime.UtcNow));

    /// <summary>
    /// Of <c>BENCH_MEMBERS</c> (a million when it is not set): 12 % cases, 2 % organisations or
    /// <c>BENCH_ORGANISATIONS</c>; of <c>BENCH_COUNTIES</c>, all when it is not set.
    /// </summary>
    public static DataPlan OfEnvironment()
    {
        static int Number(string name, int otherwise) => int.Parse(Environment.GetEnvironmentVariable(name)
            ?? $"{otherwise}", CultureInfo.InvariantCulture);
        var members = Number("BENCH_MEMBERS", 1_000_000);
        return Of(members, members / 100 * 12, Number("BENCH_ORGANISATIONS", members / 50),
            countiesMax: Number("BENCH_COUNTIES", int.MaxValue));
    }

    public IReadOnlyList<string> Cities { get; } =
        [.. Counties.Select(c => $"{c[..4]}00").Distinct(StringComparer.Ordinal)];

    /// <summary>Twelve where there is room: 1,400 in 117 counties.</summary>
    public int TownshipsPerCounty => Math.Clamp(Organisations / Counties.Count / 4, 1, 12);

    public int BranchesPerCounty =>
        Math.Max(1, ((Organisations - 1 - Cities.Count) / Counties.Count) - 1 - TownshipsPerCounty);

    /// <summary>County of a member, by number.</summary>
    public int CountyOf(int member) => (int)((long)member * Counties.Count / Members);

    /// <summary>Which member leaves, for a case that has a home here.</summary>
    public int MemberOf(int number) => (int)((long)number * Members / Cases);

    /// <summary>Path of a county's township.</summary>
    public string TownshipPath(int county, int township) =>
        string.Create(CultureInfo.InvariantCulture, $"{Regions.PathOf(Counties[county])}T{township:D2}/");

    /// <summary>Path of a county's branch.</summary>
    public string BranchPath(int county, int branch) => string.Create(CultureInfo.InvariantCulture,
        $"{TownshipPath(county, branch % TownshipsPerCounty)}B{branch:D5}/");

    public static Guid BranchId(int county, int branch) => Id(RowKind.Branch, (county * 100_000) + branch);

    /// <summary>Shaped like a UUID of version 7: rows of a kind follow each other.</summary>
    public static Guid Id(RowKind kind, int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        (bytes[0], bytes[1], bytes[6], bytes[8]) = (0x01, (byte)(0x90 + (int)kind), 0x70, 0x80);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes[2..], number);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes[12..], number);
        return new(bytes, bigEndian: true);
    }
}

/// <summary>Rows that are told apart by number.</summary>
internal enum RowKind
{
    Province,
    City,
    County,
    Township,
    Branch,
    Member,
    Outbound,
    Inbound,
    Mirror,
}
