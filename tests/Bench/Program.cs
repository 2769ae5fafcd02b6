using Bench;

// Every claim about speed in the documents comes from here, as a ratio to the raw limit measured in the same run.
// Usage: dotnet run -c Release --project tests/Bench -- [measure ...]; without a name all run.
var measures = new Dictionary<string, Func<Task>>
{
    ["exchange"] = ExchangeMeasure.RunAsync,
    ["read"] = ReadMeasure.RunAsync,
    ["lists"] = ListMeasure.RunAsync,
    ["figures"] = FigureMeasure.RunAsync,
    ["scale"] = ScaleMeasure.RunAsync,
    ["import"] = ImportMeasure.RunAsync,
    ["export"] = ExportMeasure.RunAsync,
    ["console"] = ConsoleMeasure.RunAsync,
};
var chosen = args.Length == 0 ? [.. measures.Keys] : args;
if (chosen.FirstOrDefault(n => !measures.ContainsKey(n)) is { } unknown)
{
    Console.Error.WriteLine($"There is no measure '{unknown}'. Known: {string.Join(", ", measures.Keys)}.");
    return 2;
}
Say.Machine();
foreach (var name in chosen)
{
    Say.Title(name);
    await measures[name]();
}
return 0;
