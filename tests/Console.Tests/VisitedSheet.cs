using System.IO.Compression;
using System.Xml.Linq;

namespace Console.Tests;

/// <summary>A screening sheet as a visitor fills it in, in the cells of the workbook.</summary>
internal static class VisitedSheet
{
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
