using System.IO.Compression;
using System.Xml.Linq;

namespace Platform.Testing;

/// <summary>A workbook of the platform with cells filled in by hand.</summary>
public static class FilledSheet
{
    /// <summary>The same file with these cells of its first sheet; each must hold text already.</summary>
    public static byte[] Fill(byte[] file, params (int Row, string Column, string Text)[] cells)
    {
        using var stream = new MemoryStream();
        stream.Write(file);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            var entry = zip.GetEntry("xl/worksheets/sheet1.xml")!;
            XDocument xml;
            using (var read = entry.Open()) xml = XDocument.Load(read);
            var space = xml.Root!.Name.Namespace;
            foreach (var (row, column, text) in cells)
                xml.Descendants(space + "c").First(c => c.Attribute("r")!.Value == $"{column}{row}")
                    .Descendants(space + "t").Single().Value = text;
            entry.Delete();
            using var write = zip.CreateEntry("xl/worksheets/sheet1.xml").Open();
            xml.Save(write);
        }
        return stream.ToArray();
    }
}
