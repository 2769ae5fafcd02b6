using System.Collections.Frozen;
using System.Xml.Linq;

namespace Gateway.Console.Parts;

/// <summary>The symbols of <c>icons.svg</c>, ready to stand in a page: no request, no style of their own.</summary>
internal static class IconBook
{
    private static readonly FrozenDictionary<string, (string ViewBox, string Inner)> Symbols = Load();

    /// <summary>View box and content of a symbol, by its name without <c>i-</c>.</summary>
    public static (string ViewBox, string Inner) Of(string name) => Symbols[name];

    private static FrozenDictionary<string, (string, string)> Load() =>
        XDocument.Parse(Files.Text("icons.svg")).Root!.Elements().Where(e => e.Name.LocalName == "symbol")
            .ToFrozenDictionary(e => e.Attribute("id")!.Value["i-".Length..], e => (e.Attribute("viewBox")!.Value,
                string.Concat(e.Elements().Select(x => Bare(x).ToString(SaveOptions.DisableFormatting)))));

    private static XElement Bare(XElement e) => new(e.Name.LocalName,
        e.Attributes().Where(a => !a.IsNamespaceDeclaration), e.Elements().Select(Bare));
}
