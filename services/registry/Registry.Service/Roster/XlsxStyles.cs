namespace Registry.Service.Roster;

/// <summary>Looks of a cell; the number is the index into <see cref="XlsxStyles.Xml"/>.</summary>
internal enum XlsxStyle
{
    Plain = 0,

    /// <summary>Format "@": what is typed stays as typed. Source: R-154.</summary>
    Text = 1,

    Header = 2,
    RequiredHeader = 3,
    Title = 4,

    /// <summary>Text in red on pink: this cell is wrong.</summary>
    Wrong = 5,

    /// <summary>The reason, in red, wrapped.</summary>
    Reason = 6,

    /// <summary>Text with a thin frame, for printed tables.</summary>
    Framed = 7,

    /// <summary>Unit of measure, at the right.</summary>
    Right = 8,

    /// <summary>Wrapped text without frame.</summary>
    Note = 9,

    FramedHeader = 10,
}

/// <summary>The style part: one fixed set of looks. Source: R-155.</summary>
internal static class XlsxStyles
{
    private const string Wrap = "<alignment vertical=\"center\" wrapText=\"1\"/>";
    private const string Centre = "<alignment horizontal=\"center\" vertical=\"center\" wrapText=\"1\"/>";

    public static readonly string Xml = string.Concat(
        $"<styleSheet xmlns=\"{XlsxWriter.SheetSpace}\"><fonts count=\"5\">",
        Font("<sz val=\"11\"/>"), Font("<b/><sz val=\"11\"/>"), Font("<b/><sz val=\"18\"/>"),
        Font("<sz val=\"11\"/><color rgb=\"FFC00000\"/>"), Font("<b/><sz val=\"11\"/><color rgb=\"FFC00000\"/>"),
        "</fonts><fills count=\"4\"><fill><patternFill patternType=\"none\"/></fill>",
        "<fill><patternFill patternType=\"gray125\"/></fill>", Fill("FFE7E6E6"), Fill("FFFFC7CE"),
        "</fills><borders count=\"2\"><border><left/><right/><top/><bottom/><diagonal/></border><border>",
        "<left style=\"thin\"/><right style=\"thin\"/><top style=\"thin\"/><bottom style=\"thin\"/><diagonal/>",
        "</border></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"11\">",
        Look(0, 0, 0, 0, ""), Look(49, 0, 0, 0, ""), Look(49, 1, 2, 1, Centre), Look(49, 4, 2, 1, Centre),
        Look(49, 2, 0, 0, Centre), Look(49, 3, 3, 1, Wrap), Look(49, 3, 0, 0, Wrap), Look(49, 0, 0, 1, Wrap),
        Look(49, 0, 0, 0, "<alignment horizontal=\"right\"/>"), Look(49, 0, 0, 0, Wrap), Look(49, 1, 0, 1, Centre),
        "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>",
        "</styleSheet>");

    private static string Font(string inner) => $"<font>{inner}<name val=\"宋体\"/></font>";

    private static string Fill(string colour) =>
        $"<fill><patternFill patternType=\"solid\"><fgColor rgb=\"{colour}\"/></patternFill></fill>";

    private static string Look(int format, int font, int fill, int border, string alignment) =>
        $"<xf numFmtId=\"{format}\" fontId=\"{font}\" fillId=\"{fill}\" borderId=\"{border}\" xfId=\"0\""
        + " applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\" applyBorder=\"1\""
        + (alignment.Length == 0 ? "/>" : $" applyAlignment=\"1\">{alignment}</xf>");
}
