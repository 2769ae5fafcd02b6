using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Platform.Seeds;

var json = new JsonSerializerOptions(JsonSerializerDefaults.Web)
{
    WriteIndented = true,
    Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
};

return new RootCommand("Synthetic data and generated pages of the platform.")
{
    new Command("generate", "Make synthetic files.") { RosterCommand() },
    MechanismsCommand(),
}.Parse(args).Invoke();

Command RosterCommand()
{
    var county = new Option<string>("--county") { Required = true, Description = "Division code, six digits." };
    var members = new Option<int>("--members") { DefaultValueFactory = _ => 1000 };
    var wrong = new Option<int>("--wrong") { Description = "Rows that break one rule each; listed beside the file." };
    var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
    var to = new Option<string>("--to")
    {
        DefaultValueFactory = _ => "140105,140106",
        Description = "Division codes where mobile members went.",
    };
    var output = new Option<FileInfo>("--out") { Required = true, Description = "The workbook; a .json beside it." };
    var command = new Command("roster", "A county's roster.") { county, members, wrong, seed, to, output };
    command.SetAction(parsed =>
    {
        var order = new RosterOrder(parsed.GetRequiredValue(county), parsed.GetValue(members), parsed.GetValue(wrong),
            parsed.GetValue(seed), parsed.GetRequiredValue(to).Split(','));
        var made = RosterMaker.Make(order, SeedFolder.Find());
        var path = parsed.GetRequiredValue(output).FullName;
        File.WriteAllBytes(path, made.File);
        File.WriteAllText(Path.ChangeExtension(path, ".json"), JsonSerializer.Serialize(
            new { order, made.OrganisationCount, made.MemberCount, made.MobileCount, made.Expected }, json) + "\n");
        Console.WriteLine($"{path}: {made.OrganisationCount} organisations, {made.MemberCount} members, "
            + $"{made.Expected.Count} of them wrong, {made.MobileCount} right ones out.");
    });
    return command;
}

Command MechanismsCommand()
{
    var check = new Option<bool>("--check") { Description = "Write nothing; fail when the page is out of date." };
    var command = new Command("mechanisms", "Write docs/mechanisms.md from the catalogue and the tests.") { check };
    command.SetAction(parsed =>
    {
        var seeds = SeedFolder.Find();
        var (page, faults) = MechanismTable.Make(seeds);
        foreach (var fault in faults) Console.Error.WriteLine(fault);
        var path = Path.Combine(seeds.Root, MechanismTable.File);
        var isCurrent = File.Exists(path) && File.ReadAllText(path) == page;
        if (!parsed.GetValue(check)) File.WriteAllText(path, page);
        else if (!isCurrent)
            Console.Error.WriteLine($"{MechanismTable.File} is out of date: run the verb without --check.");
        Console.WriteLine(page.TrimEnd().Split('\n')[^1]);
        return faults.Count > 0 || (parsed.GetValue(check) && !isCurrent) ? 1 : 0;
    });
    return command;
}
