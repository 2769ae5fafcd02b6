using System.Runtime.CompilerServices;
using Platform.CommandLine.Topologies;

namespace CommandLine.Tests;

/// <summary>The topology of the demo, from the repository, and variations of it.</summary>
internal static class Demo
{
    public static readonly string Yaml = File.ReadAllText(Path.Combine(Root(), "seeds/topologies/demo.yaml"));

    public static Topology Topology => TopologyFile.Parse(Yaml);

    /// <summary>A city between province and county, and two nodes that share one broker.</summary>
    public const string DeepYaml = """
        name: deep
        postgres: { port: 18090 }
        redis: { port: 18091 }
        epmd: { port: 18092 }
        brokers:
          shared: { basePort: 18050 }
        nodes:
          - { path: "140000", name: { zh: 山西省, en: Shanxi }, tier: province, regions: ["14"],
              broker: shared, basePort: 18000 }
          - { path: "140000.140100", name: { zh: 太原市, en: Taiyuan }, tier: city, regions: ["1401"], parent: "140000",
              broker: shared, basePort: 18100 }
          - { path: "140000.140100.140105", name: { zh: 小店区, en: Xiaodian }, tier: county, regions: ["140105"],
              parent: "140000.140100", broker: shared, basePort: 18200 }
        """;

    public static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
}
