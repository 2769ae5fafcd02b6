using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Platform.Seeds;

var json = new JsonSerializerOptions(JsonSerializerDefaults.Web)
{
    WriteIndented = true,
    Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
};

return await new RootCommand("Synthetic data and generated pages of the platform.")
{
    new Command("generate", "Make synthetic files.") { RosterCommand(), FiguresCommand() },
    NamesCommand(),
    MechanismsCommand(),
    DemoCommand(),
}.Parse(args).InvokeAsync();

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

Command NamesCommand()
{
    var unihan = new Option<DirectoryInfo>("--unihan") { Required = true, Description = "Unihan_*.txt, unpacked." };
    var command = new Command("names", "Write seeds/names from the Unihan database.") { unihan };
    command.SetAction(parsed =>
    {
        var folder = Path.Combine(SeedFolder.Find().Root, "seeds", "names");
        var (readings, variants) = NameData.Write(parsed.GetRequiredValue(unihan).FullName, folder);
        Console.WriteLine($"{readings} characters with readings, {variants} pairs of variants.");
    });
    return command;
}

Command FiguresCommand()
{
    var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
    var output = new Option<DirectoryInfo>("--out") { Required = true, Description = "A folder for three CSV files." };
    var command = new Command("figures", "Registers from which the published tables follow again.") { seed, output };
    command.SetAction(parsed =>
    {
        var made = new FiguresDemo(parsed.GetValue(seed), SeedFolder.Find().Divisions());
        var folder = Directory.CreateDirectory(parsed.GetRequiredValue(output).FullName).FullName;
        Write("members.csv",
            "county,town,branch,name,id_number,education,occupation,reason,host_region,host_town,left_on",
            made.Members.Select(m => $"{m.Branch.County},{m.Branch.Town},{m.Branch.Number},{m.Person.Name},"
                + $"{m.Person.IdNumber},{m.Education},{m.Occupation},{m.Reason},{m.HostRegion},{m.HostTown},"
                + $"{m.LeftOn:yyyy-MM-dd}"));
        Write("guests.csv", "county,town,branch,name,id_number,occupation,home_region,arrived_on",
            made.Guests.Select(g => $"{g.Branch.County},{g.Branch.Town},{g.Branch.Number},{g.Person.Name},"
                + $"{g.Person.IdNumber},{g.Occupation},{g.HomeRegion},{g.ArrivedOn:yyyy-MM-dd}"));
        Write("units.csv", "county,name,members,has_organisation",
            made.Units.Select(u => $"{u.County},{u.Name},{u.Members},{u.HasOrganisation}"));

        void Write(string file, string header, IEnumerable<string> lines) =>
            File.WriteAllLines(Path.Combine(folder, file), lines.Prepend(header));
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

Command DemoCommand()
{
    var state = new Option<DirectoryInfo>("--state") { Required = true, Description = "The federation's folder." };
    var members = new Option<int>("--members") { DefaultValueFactory = _ => 500 };
    var cases = new Option<int>("--cases") { DefaultValueFactory = _ => 24 };
    var command = new Command("demo", "Fill the running demo federation.") { state, members, cases };
    command.SetAction(async (parsed, cancel) =>
    {
        var folder = parsed.GetRequiredValue(state).FullName;
        var place = new DemoPlace(Path.Combine(folder, "tokens"), Gateway(folder, "141022"), Gateway(folder, "140105"));
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        using var demo = new Demo(place, SeedFolder.Find(), today, Console.WriteLine);
        try
        {
            await demo.RunAsync(parsed.GetValue(members), parsed.GetValue(cases), cancel);
            return 0;
        }
        catch (HttpRequestException refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    });
    return command;
}

// A node's settings stand in its folder; the gateway is the only public port.
static Uri Gateway(string state, string node)
{
    using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(state, node, "config.json")));
    return new Uri(config.RootElement.GetProperty("gateway").GetProperty("Urls").GetString()!);
}
