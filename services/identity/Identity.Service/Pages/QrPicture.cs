using System.Globalization;
using System.Text;
using QRCoder;

namespace Identity.Service.Pages;

/// <summary>
/// A QR code as the path of an inline SVG: no picture to fetch, no style that the page's policy forbids.
/// </summary>
internal static class QrPicture
{
    public static string Box(string text)
    {
        var size = Modules(text).Count;
        return string.Create(CultureInfo.InvariantCulture, $"0 0 {size} {size}");
    }

    public static string Path(string text)
    {
        var (rows, path) = (Modules(text), new StringBuilder());
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Count; x++)
            {
                if (rows[y][x]) path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
            }
        }
        return path.ToString();
    }

    private static List<System.Collections.BitArray> Modules(string text) =>
        QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M).ModuleMatrix;
}
