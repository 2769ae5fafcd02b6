using System.CommandLine;
using System.Net;
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
    new Command("generate", "Make synthetic files.") { RosterCommand() },
    NamesCommand(),
    MechanismsCommand(),
    DemoCommand(),
    PublishedCommand(),
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
        var place = new DemoPlace(Path.Combine(folder, "tokens"), Address(folder, "141022", "gateway"),
            Address(folder, "140105", "gateway"));
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

Command PublishedCommand()
{
    var state = new Option<DirectoryInfo>("--state") { Required = true, Description = "The federation's folder." };
    var command = new Command("published", "Load seeds/demo and lay the printed tables beside what is counted.")
        { state };
    command.SetAction(async (parsed, cancel) =>
    {
        const string Province = "140000";
        var (folder, seeds) = (parsed.GetRequiredValue(state).FullName, SeedFolder.Find());
        var registry = Address(folder, Province, "registry");
        using var clerks = new Clerks((region, role) =>
            File.ReadAllText(Path.Combine(folder, "tokens", $"{region}-{role}.jwt")).Trim(), HttpVersion.Version20);
        try
        {
            var load = new PublishedLoad(clerks, registry, Province, seeds, Console.WriteLine);
            foreach (var county in PublishedTables.Registers(seeds)) await load.RunAsync(county, cancel);
            var compared = await PublishedComparison.RunAsync(
                clerks, registry, Province, PublishedTables.Printed(seeds), cancel);
            foreach (var line in PublishedComparison.Lines(compared)) Console.WriteLine(line);
            return compared.All(c => c.IsEqual) ? 0 : 1;
        }
        catch (Exception refused) when (refused is HttpRequestException or TimeoutException)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    });
    return command;
}

// A node's settings stand in its folder; the gateway is the only public port.
static Uri Address(string state, string node, string service)
{
    using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(state, node, "config.json")));
    return new Uri(config.RootElement.GetProperty(service).GetProperty("Urls").GetString()!);
}
