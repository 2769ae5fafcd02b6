using CsCheck;

namespace Registry.Tests.Values;

public sealed class PersonNameTests
{
    [Theory]
    [InlineData("王小明", 3)]
    [InlineData("𠮷野", 2)]
    [InlineData("阿卜杜拉·买买提", 8)]
    [InlineData("张〇〇", 3)]
    [InlineData("葛󠄀城", 2)]
    [InlineData("Alima Tursun", 12)]
    [InlineData("李\U000323AF", 2)]
    public void Names_are_kept_as_written_and_counted_as_readers_count(string typed, int length)
    {
        var name = Assert.NotNull(PersonName.Read($"  {typed}　").Name);
        Assert.Equal((typed, length), (name.Value, name.Length));
    }

    [Theory]
    [InlineData("", PersonNameFault.Blank)]
    [InlineData("王", PersonNameFault.TooShort)]
    [InlineData("·买买提", PersonNameFault.Dot)]
    [InlineData("阿里··买买提", PersonNameFault.Dot)]
    [InlineData("王小明1", PersonNameFault.Sign)]
    [InlineData("王(小)明", PersonNameFault.Sign)]
    [InlineData("王\u0000明", PersonNameFault.Sign)]
    [InlineData("王?明", PersonNameFault.LostCharacter)]
    [InlineData("王\uFFFD明", PersonNameFault.LostCharacter)]
    [InlineData("王\uE81E", PersonNameFault.PrivateUse)]
    public void What_is_no_name_is_refused_with_the_rule(string typed, PersonNameFault fault) =>
        Assert.Equal(fault, PersonName.Read(typed).Fault);

    [Fact]
    public void Half_a_surrogate_pair_is_refused() =>
        Assert.Equal(PersonNameFault.BrokenCharacter, PersonName.Read("王" + '\uD842').Fault);

    [Fact]
    public void A_name_may_have_fifty_text_elements_and_no_more() =>
        Assert.Equal((PersonNameFault.None, PersonNameFault.TooLong),
            (PersonName.Read(string.Concat(Enumerable.Repeat("𠮷", 50))).Fault,
                PersonName.Read(new string('王', 51)).Fault));

    [Fact]
    public void Search_forgives_inner_spaces_and_the_kind_of_dot() =>
        Assert.Equal(PersonName.KeyOf("王 明·甲"), PersonName.KeyOf("王　明•甲"));

    [Fact]
    public void Reading_is_stable_and_never_throws() => Gen.String.Sample(text =>
    {
        if (PersonName.Read(text).Name is { } name) Assert.Equal(name, PersonName.Read(name.Value).Name);
    });
}
