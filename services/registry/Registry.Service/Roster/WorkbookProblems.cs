using Platform.Kernel;

namespace Registry.Service.Roster;

/// <summary>Why a file as a whole was not read. Details carry places and limits, never contents.</summary>
public static class WorkbookProblems
{
    /// <summary>True when a mapping of the columns may help.</summary>
    public static bool IsOfHeader(string code) => code is "WORKBOOK_SHEET_MISSING" or "WORKBOOK_HEADER_MISSING"
        or "WORKBOOK_COLUMN_MISSING" or "WORKBOOK_COLUMN_UNKNOWN" or "WORKBOOK_COLUMN_DUPLICATE";

    public static Problem Empty =>
        New("WORKBOOK_EMPTY",
            "The file is empty.",
            "文件是空的。");

    public static Problem TooLarge(long max) =>
        new(ProblemKind.TooLarge, "WORKBOOK_TOO_LARGE",
            $"The file is larger than {max >> 20} MiB.",
            $"文件超过 {max >> 20} MiB。");

    public static Problem FormatUnknown =>
        New("WORKBOOK_FORMAT_UNKNOWN",
            "Neither an .xlsx nor a .csv file.",
            "既不是 .xlsx 也不是 .csv 文件。");

    public static Problem Encrypted =>
        New("WORKBOOK_ENCRYPTED",
            "The workbook is protected by a password.",
            "工作簿设有密码，请取消密码后再导入。");

    public static Problem OldFormat =>
        New("WORKBOOK_OLD_FORMAT",
            "An .xls file: save it as .xlsx.",
            "这是旧的 .xls 文件，请另存为 .xlsx。");

    public static Problem NotAWorkbook =>
        New("WORKBOOK_NOT_A_WORKBOOK",
            "An archive, but no workbook in it.",
            "这是压缩包，里面没有工作簿。");

    public static Problem Damaged =>
        New("WORKBOOK_DAMAGED",
            "The file is cut off or damaged.",
            "文件不完整或已损坏。");

    public static Problem Bomb =>
        New("WORKBOOK_ZIP_BOMB",
            "The file inflates beyond every measure.",
            "文件解压后过大，已拒绝。");

    public static Problem TooManyParts =>
        New("WORKBOOK_TOO_MANY_PARTS",
            "The workbook has too many parts.",
            "工作簿的部件过多。");

    public static Problem UnsafePart =>
        New("WORKBOOK_UNSAFE_PART",
            "A part's name leads out of the workbook.",
            "工作簿内有指向外部的部件名。");

    public static Problem DuplicatePart =>
        New("WORKBOOK_DUPLICATE_PART",
            "Two parts have the same name.",
            "工作簿内有两个同名部件。");

    public static Problem HasMacros =>
        New("WORKBOOK_HAS_MACROS",
            "The workbook carries macros: save it as .xlsx.",
            "工作簿含有宏，请另存为 .xlsx。");

    public static Problem HasLinks =>
        New("WORKBOOK_HAS_LINKS",
            "The workbook refers to other files.",
            "工作簿引用了其他文件，请断开链接。");

    public static Problem XmlForbidden =>
        New("WORKBOOK_XML_FORBIDDEN",
            "A part declares a document type.",
            "工作簿部件含有不允许的文档类型声明。");

    public static Problem XmlDamaged(string part) =>
        New("WORKBOOK_XML_DAMAGED",
            $"Part {part} is not well-formed.",
            $"工作簿部件 {part} 的格式已损坏。");

    public static Problem SheetMissing =>
        New("WORKBOOK_SHEET_MISSING",
            "No sheet is named as in the template: 组织 or 党员 of a roster, 排查表 of a screening.",
            "没有与模板同名的工作表：花名册为“组织”或“党员”，排查为“排查表”。");

    public static Problem SheetDuplicate(string sheet) =>
        New("WORKBOOK_SHEET_DUPLICATE",
            $"Two sheets are named {sheet}.",
            $"有两个名为“{sheet}”的工作表。");

    public static Problem SheetHidden(string sheet) =>
        New("WORKBOOK_SHEET_HIDDEN",
            $"Sheet {sheet} is hidden.",
            $"工作表“{sheet}”被隐藏，请取消隐藏。");

    public static Problem TooManySheets(int max) =>
        New("WORKBOOK_TOO_MANY_SHEETS",
            $"More than {max} sheets.",
            $"工作表超过 {max} 个。");

    public static Problem HeaderMissing(string sheet) =>
        New("WORKBOOK_HEADER_MISSING",
            $"No header row was found in {sheet}.",
            $"在 {sheet} 中找不到标题行。");

    public static Problem ColumnMissing(string sheet, IEnumerable<string> titles) =>
        New("WORKBOOK_COLUMN_MISSING",
            $"{sheet} lacks: {string.Join('、', titles)}.",
            $"{sheet} 缺少列：{string.Join('、', titles)}。");

    public static Problem ColumnUnknown(string sheet, string letter) =>
        New("WORKBOOK_COLUMN_UNKNOWN",
            $"Column {letter} of {sheet} is not in the template.",
            $"{sheet} 的 {letter} 列不在模板中。");

    public static Problem ColumnDuplicate(string sheet, string title) =>
        New("WORKBOOK_COLUMN_DUPLICATE",
            $"{sheet} has {title} twice.",
            $"{sheet} 中“{title}”列重复。");

    public static Problem TooManyColumns(string sheet, int max) =>
        New("WORKBOOK_TOO_MANY_COLUMNS",
            $"{sheet} has more than {max} columns.",
            $"{sheet} 超过 {max} 列。");

    public static Problem TooManyRows(int max) =>
        New("WORKBOOK_TOO_MANY_ROWS",
            $"More than {max} rows.",
            $"超过 {max} 行，请分批导入。");

    public static Problem NoRows =>
        New("WORKBOOK_NO_ROWS",
            "There is no row below the header.",
            "标题行下没有数据。");

    public static Problem RowNumber(string sheet) =>
        New("WORKBOOK_ROW_NUMBER",
            $"Row numbers of {sheet} are not ascending from 1.",
            $"{sheet} 的行号不正确。");

    public static Problem CellReference(string sheet, int row) =>
        New("WORKBOOK_CELL_REFERENCE",
            $"{sheet}, row {row}: a cell's address is wrong.",
            $"{sheet} 第 {row} 行有单元格地址错误。");

    public static Problem CellTooLong(string place, int max) =>
        New("WORKBOOK_CELL_TOO_LONG",
            $"{place}: a cell has more than {max} characters.",
            $"{place}:单元格超过 {max} 字。");

    public static Problem SharedString(string sheet, int row) =>
        New("WORKBOOK_SHARED_STRING",
            $"{sheet}, row {row}: a cell points to a text that is not there.",
            $"{sheet} 第 {row} 行有单元格指向不存在的文本。");

    public static Problem TooManyStrings =>
        New("WORKBOOK_TOO_MANY_STRINGS",
            "The workbook holds too many texts.",
            "工作簿文本过多。");

    public static Problem MergedCells(string sheet, string range) =>
        New("WORKBOOK_MERGED_CELLS",
            $"{sheet}: merged cells {range}; only rows above the header may be merged.",
            $"{sheet}:{range} 是合并单元格；只有标题行以上可以合并。");

    public static Problem Binary(int line) =>
        New("WORKBOOK_TEXT_BINARY",
            $"Line {line} holds bytes that are no text.",
            $"第 {line} 行含有非文本内容。");

    public static Problem EncodingUnknown =>
        New("WORKBOOK_ENCODING_UNKNOWN",
            "Neither UTF-8 nor GB18030.",
            "文件编码既不是 UTF-8 也不是 GB18030。");

    public static Problem EncodingWide =>
        New("WORKBOOK_ENCODING_UTF16",
            "UTF-16 or UTF-32 text: save it as CSV UTF-8 or as .xlsx.",
            "文件是 UTF-16 或 UTF-32 编码，请另存为 CSV UTF-8 或 .xlsx。");

    public static Problem EncodingMixed(int line) =>
        New("WORKBOOK_ENCODING_MIXED",
            $"Line {line} is encoded differently from the lines around it.",
            $"第 {line} 行与其他行编码不同。");

    public static Problem QuotesOpen(int line) =>
        New("WORKBOOK_QUOTES_OPEN",
            $"A quotation mark opened in line {line} is never closed.",
            $"第 {line} 行的引号没有结束。");

    private static Problem New(string code, string detail, string detailZh) =>
        new(ProblemKind.Invalid, code, detail, detailZh);
}

/// <summary>Ends reading; never leaves this folder.</summary>
internal sealed class WorkbookException(Problem problem) : Exception(problem.Code)
{
    public Problem Problem { get; } = problem;
}
