using Platform.Seeds;

namespace Registry.Tests.Seeds;

public sealed class TestTraitsTests
{
    [Theory]
    [InlineData("""public class T { [Fact] [Trait("mechanism", "M-001")] public void A() { } }""", "M-001 T.A")]
    [InlineData("""
        public class T { [Fact, Trait("mechanism", "M-001"), Trait("mechanism", "M-002")] public Task A() => B(); }
        """, "M-001 T.A,M-002 T.A")]
    [InlineData("""
        public class T { [Theory] [InlineData("]", '[')] [Trait("mechanism", "M-001")] public void A(string s) { } }
        """, "M-001 T.A")]
    [InlineData("""
        [Trait("mechanism", "M-001")] public class T { [Fact] public void A() { } [Fact] public void B() { } }
        """, "M-001 T.A,M-001 T.B")]
    public void A_test_claims_what_its_traits_name(string source, string claims) =>
        Assert.Equal(claims, string.Join(',', TestTraits.In(source).Select(c => $"{c.Mechanism} {c.Test}")));

    [Theory]
    [InlineData("""public class T { [Fact(Skip = "later")] [Trait("mechanism", "M-001")] public void A() { } }""")]
    [InlineData("""public class T { [Fact(Explicit = true), Trait("mechanism", "M-001")] public void A() { } }""")]
    [InlineData("""public class T { [Fact, Trait("mechanism", "M-001")] public void A() { Assert.Skip("x"); } }""")]
    [InlineData("""public class T { [Fact, Trait("mechanism", "M-001")] public void A() { { Assert.Skip(); } } }""")]
    [InlineData("""public class T { [Trait("mechanism", "M-001")] public void Helper() { } }""")]
    [InlineData("""public class T { // [Fact, Trait("mechanism", "M-001")] public void A() { }""")]
    [InlineData("""public class T { /* [Fact, Trait("mechanism", "M-001")] public void A() { } */ }""")]
    [InlineData("""public class T { [Fact] public void A() { var s = "[Trait(\"mechanism\", \"M-001\")]"; } }""")]
    [InlineData("""public class T { [Fact] [Trait("size", "M-001")] public void A() { } }""")]
    public void Nothing_else_counts(string source) => Assert.Empty(TestTraits.In(source));

    [Fact]
    public void The_page_ends_with_the_count_and_an_unknown_id_is_a_fault()
    {
        string[][] catalogue = [["M-001", "甲", "one", "1", "registry"], ["M-002", "乙", "two", "2", "registry"]];
        var (page, faults) = MechanismTable.Make(catalogue, [new("M-001", "T.A"), new("M-999", "T.B")]);
        Assert.EndsWith("\nproven: 1 of 2\n", page, StringComparison.Ordinal);
        Assert.Contains("| M-001 | 甲 | one | 1 | registry | `T.A` |", page, StringComparison.Ordinal);
        Assert.Equal(["T.B: there is no mechanism M-999"], faults);
    }

    [Fact]
    public void The_catalogue_has_312_mechanisms() =>
        Assert.Equal(Enumerable.Range(1, 312).Select(i => $"M-{i:D3}"),
            SeedFolder.Find().Rows("mechanisms.csv").Select(r => r[0]));
}
