using CsCheck;
using Registry.Service.Roster;

namespace Registry.Tests.Roster;

public sealed class BrokenWorkbooksTests
{
    public static TheoryData<string> Titles => [.. BrokenWorkbooks.All.Select(b => b.Title)];

    [Fact]
    public void There_are_at_least_fifty_of_them_each_with_its_own_title() =>
        Assert.InRange(BrokenWorkbooks.All.Select(b => b.Title).Distinct().Count(), 50, BrokenWorkbooks.All.Count);

    [Theory, MemberData(nameof(Titles))]
    public async Task A_broken_file_is_refused_with_its_own_reason(string title)
    {
        var broken = BrokenWorkbooks.All.Single(b => b.Title == title);
        var file = broken.Make();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var report = await RosterFiles.CheckAsync(file, broken.FileName);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (broken.IsRefusedWhole) Assert.Equal(broken.Expected, report.Refusal?.Code);
        else Assert.Equal([broken.Expected], report.Problems.Select(p => p.Rule.Id));
        // All that was ever allocated, not what was alive at once. One file has 50,000 wrong rows before it is refused.
        Assert.InRange(allocated, 0, 512 << 20);
    }

    [Fact]
    public void Damaging_any_bytes_of_a_good_workbook_never_throws()
    {
        var good = Workbooks.Roster(Workbooks.Member(1), Workbooks.Member(3));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[1, 20].Sample(changes =>
        {
            var file = good.ToArray();
            foreach (var (at, value) in changes) file[at] = value;
            Read(file, "a.xlsx");
        }, iter: 2000);
    }

    [Fact]
    public void Damaging_the_XML_of_a_good_workbook_never_throws()
    {
        var parts = Workbooks.Parts(("党员", Workbooks.Sheet(
            Workbooks.Table(Registry.Roster.RosterSheet.Members, Workbooks.Member()))));
        var changes = Gen.Select(Gen.Int[0, parts.Count - 1], Gen.Int[0, 4000], Gen.Int[0, 40], Gen.String);
        changes.Sample((part, at, cut, text) =>
        {
            var damaged = parts.Select((p, i) =>
            {
                if (i != part) return p;
                var start = at % p.Text.Length;
                var end = Math.Min(p.Text.Length, start + cut);
                return (p.Name, p.Text[..start] + text + p.Text[end..]);
            });
            Read(Workbooks.Zip(damaged), "a.xlsx");
        }, iter: 2000);
    }

    [Fact]
    public void Any_bytes_named_csv_never_throw() =>
        Gen.Byte.Array[0, 400].Sample(bytes => Read(bytes, "a.csv"), iter: 3000);

    private static readonly RosterLimits Few = RosterFiles.Limits with { RowsMax = 100 };

    private static void Read(byte[] file, string name) =>
        RosterFiles.CheckAsync(file, name, limits: Few).GetAwaiter().GetResult();
}
