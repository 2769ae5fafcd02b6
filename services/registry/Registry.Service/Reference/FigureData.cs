using System.Collections.Immutable;
using Registry.Figures;
using Registry.Mobility;

namespace Registry.Service.Reference;

/// <summary>Definitions of figures and rules of tables, built into the program from <c>seeds/</c>.</summary>
public static class FigureData
{
    private static readonly Lazy<FigureBook> LazyBook = new(() => new(
        ReferenceData.Rows("figures.csv").Select(r =>
            new FigureDefinition(r[0], r[1], r[2], r[3], [.. r[4].Split(' ')], r[5], Words(r[6]), r[7], r[8])),
        ReferenceData.Rows("figure-rules.csv").Select(r =>
            new TableRule(r[0], r[1], [.. r[2].Split(' ')], r[3], r[4], r[5]))));

    /// <summary>All of <c>seeds/figures.csv</c> and <c>seeds/figure-rules.csv</c>.</summary>
    public static FigureBook Book => LazyBook.Value;

    private static ImmutableArray<string> Words(string field) =>
        [.. field.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w == "-" ? "" : w)];

    /// <summary>Code of the table <c>sector</c> that the occupation names; "" when it names none.</summary>
    public static string SectorOf(CaseFacts facts) =>
        ReferenceData.Codes["sector"].Find(facts.Occupation)?.Code ?? "";
}
