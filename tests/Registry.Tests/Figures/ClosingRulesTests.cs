using CsCheck;
using Registry.Figures;
using Registry.Service;
using Registry.Service.Reference;

namespace Registry.Tests.Figures;

/// <summary>Closing a month and checking tables, without a database.</summary>
public sealed class ClosingRulesTests
{
    private static readonly FigureBook Book = FigureData.Book;

    [Fact]
    public void A_table_closes_exactly_when_its_parts_add_up_and_says_by_how_much_otherwise() =>
        Gen.Select(Gen.Long[0, 5_000_000], Gen.Long[0, 5_000_000], Gen.Long[-50, 50]).Sample((gone, come, off) =>
        {
            var table = new Dictionary<string, long> { ["flow"] = gone + come + off, ["out"] = gone, ["in"] = come };
            Assert.Equal(off, Book.Check(table).Single(c => c.Rule.Code == "flow-closes").Remainder);
        });

    [Fact]
    public void Shares_are_rounded_each_for_itself_and_never_forced_to_a_hundred()
    {
        Assert.Equal((72.5m, 27.0m), (FigureBook.Share(3_234, 4_460), FigureBook.Share(1_204, 4_460)));
        Assert.Equal((33.3m, 33.3m, 33.3m), (FigureBook.Share(1, 3), FigureBook.Share(1, 3), FigureBook.Share(1, 3)));
        Assert.Null(FigureBook.Share(0, 0));
    }

    [Fact]
    public void Every_definition_says_what_it_counts_in_both_languages_and_every_rule_names_its_source()
    {
        Assert.All(Book.Definitions, d => Assert.True(d.Formula.Length > 20 && d.FormulaZh.Length > 5
            && d.Rule.Length > 3 && d.Measures.Length > 0, d.Code));
        Assert.All(Book.Rules, r => Assert.True(r.Parts.Length > 1 && r.Rule.Length > 3, r.Code));
    }

    [Fact]
    public void Any_changed_number_breaks_the_hash_and_a_chain_with_a_gap_is_seen()
    {
        var first = Sealed(Month(1, 100, 5, 3, 102), new byte[32]);
        var second = Sealed(Month(2, 102, 1, 0, 103), first.Hash);
        var third = Sealed(Month(3, 103, 0, 0, 103), second.Hash);
        Assert.Empty(ClosingHash.Breaks([first, second, third]));
        Assert.Equal([1], ClosingHash.Breaks([first, third]));
        Assert.Equal([1], ClosingHash.Breaks([first, second with { Headcount = 104 }, third]));
        Assert.Equal([0], ClosingHash.Breaks([first with { Figures = new Dictionary<string, long> { ["out"] = 6 } }]));
    }

    [Fact]
    public void A_closing_survives_the_wire_and_one_that_was_touched_is_refused()
    {
        var closing = Sealed(Month(1, 100, 5, 3, 101), new byte[32]);
        Assert.Equal(-1, closing.Difference);
        var report = closing.ToWire();
        var arrived = report.ToClosing();
        Assert.Equal(closing.Hash, arrived.Hash);
        Assert.Equal((closing.Headcount, closing.Difference, closing.Day), (arrived.Headcount, arrived.Difference,
            arrived.Day));
        report.Headcount++;
        Assert.Equal("CLOSING_REPORT_BROKEN", Assert.Throws<Platform.Hosting.ProblemException>(report.ToClosing)
            .Problem.Code);
    }

    private static Closing Month(int month, long opening, long increases, long decreases, long headcount) => new()
    {
        Id = Guid.CreateVersion7(), Path = "140000/141000/141022/", Region = "141022", Name = "测试县委", Tier = 2,
        Month = new(2026, month, 1), Revision = 1, Day = new DateOnly(2026, month, 1).AddMonths(1).AddDays(-1),
        KnownAt = new(2026, month, 28, 1, 2, 3, TimeSpan.Zero), Opening = opening, Increases = increases,
        Decreases = decreases, Headcount = headcount, Figures = new Dictionary<string, long> { ["out"] = 5 },
        ClosedBy = "someone", ClosedAt = new(2026, month, 28, 1, 2, 3, TimeSpan.Zero), Own = true, PreviousHash = [],
    };

    private static Closing Sealed(Closing closing, byte[] previous)
    {
        var next = closing with { PreviousHash = previous };
        return next with { Hash = ClosingHash.Of(next) };
    }
}
