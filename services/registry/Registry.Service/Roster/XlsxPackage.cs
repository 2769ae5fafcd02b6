using System.IO.Compression;
using System.Xml;

namespace Registry.Service.Roster;

/// <summary>A sheet as the workbook part lists it.</summary>
internal sealed record XlsxSheet(string Name, bool IsHidden, string Part);

/// <summary>The parts of a workbook: checked names, bounded sizes, no document types, no links to elsewhere.</summary>
internal sealed class XlsxPackage : IDisposable
{
    private readonly ZipArchive archive;
    private readonly Dictionary<string, ZipArchiveEntry> parts = new(StringComparer.OrdinalIgnoreCase);
    private readonly InflationBudget budget;
    private readonly long fileBytes;

    public XlsxPackage(Stream file, RosterLimits limits)
    {
        fileBytes = file.Length;
        budget = new InflationBudget(limits, fileBytes);
        archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        if (archive.Entries.Count > limits.PartsMax) throw new WorkbookException(WorkbookProblems.TooManyParts);
        foreach (var entry in archive.Entries)
        {
            var name = entry.FullName;
            if (!IsSafe(name)) throw new WorkbookException(WorkbookProblems.UnsafePart);
            if (!parts.TryAdd(name, entry)) throw new WorkbookException(WorkbookProblems.DuplicatePart);
        }
        if (archive.Entries.Any(IsBomb)) throw new WorkbookException(WorkbookProblems.Bomb);
        if (!parts.ContainsKey("[Content_Types].xml") || !parts.ContainsKey("xl/workbook.xml"))
            throw new WorkbookException(WorkbookProblems.NotAWorkbook);
        if (parts.Keys.Any(n => n.EndsWith("vbaProject.bin", StringComparison.OrdinalIgnoreCase)))
            throw new WorkbookException(WorkbookProblems.HasMacros);
        if (parts.Keys.Any(n => n.StartsWith("xl/externalLinks/", StringComparison.OrdinalIgnoreCase)))
            throw new WorkbookException(WorkbookProblems.HasLinks);
    }

    /// <summary>Numbers of dates count from 1904. Known after <see cref="Sheets"/>.</summary>
    public bool From1904 { get; private set; }

    /// <summary>Sheets in the order of the workbook.</summary>
    public List<XlsxSheet> Sheets()
    {
        var targets = Relationships();
        var sheets = new List<XlsxSheet>();
        using var xml = Open("xl/workbook.xml");
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element) continue;
            if (xml.LocalName == "workbookPr") From1904 = xml.GetAttribute("date1904") is "1" or "true";
            if (xml.LocalName != "sheet") continue;
            var id = IdOf(xml);
            var part = id is not null && targets.TryGetValue(id, out var target) ? target : "";
            var isHidden = xml.GetAttribute("state") is "hidden" or "veryHidden";
            sheets.Add(new(xml.GetAttribute("name") ?? "", isHidden, part));
            if (sheets.Count > budget.Limits.SheetsMax)
                throw new WorkbookException(WorkbookProblems.TooManySheets(budget.Limits.SheetsMax));
        }
        return sheets;
    }

    /// <summary>A reader over a part; one that is not there is damage.</summary>
    public XmlReader Open(string part)
    {
        if (!parts.TryGetValue(part, out var entry)) throw new WorkbookException(WorkbookProblems.Damaged);
        var stream = new GuardedStream(entry.Open(), Math.Min(entry.CompressedLength, fileBytes), budget, part);
        return XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CloseInput = true,
        });
    }

    public bool Has(string part) => parts.ContainsKey(part);

    public void Dispose() => archive.Dispose();

    private Dictionary<string, string> Relationships()
    {
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        using var xml = Open("xl/_rels/workbook.xml.rels");
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "Relationship") continue;
            if (xml.GetAttribute("TargetMode") == "External") throw new WorkbookException(WorkbookProblems.HasLinks);
            if (xml.GetAttribute("Id") is not { } id || xml.GetAttribute("Target") is not { } target) continue;
            targets[id] = target.StartsWith('/') ? target[1..] : "xl/" + target;
        }
        return targets;
    }

    private bool IsBomb(ZipArchiveEntry entry) =>
        entry.Length > budget.Limits.InflatedBytesMax
        || (entry.Length > 1 << 20 && entry.Length / Math.Max(entry.CompressedLength, 1) > budget.Limits.InflationMax);

    private static string? IdOf(XmlReader xml)
    {
        for (var i = 0; i < xml.AttributeCount; i++)
        {
            xml.MoveToAttribute(i);
            var isId = xml.LocalName == "id" && xml.NamespaceURI.Contains("relationships", StringComparison.Ordinal);
            var value = xml.Value;
            if (!isId) continue;
            xml.MoveToElement();
            return value;
        }
        xml.MoveToElement();
        return null;
    }

    private static bool IsSafe(string name) =>
        name.Length is > 0 and <= 260
        && name[0] is not ('/' or '\\')
        && !name.Contains('\\', StringComparison.Ordinal)
        && !name.Contains(':', StringComparison.Ordinal)
        && !name.Contains('\0', StringComparison.Ordinal)
        && !name.Split('/').Contains("..");
}
