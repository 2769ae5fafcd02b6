using Platform.Kernel;

namespace Registry.Service.Roster;

/// <summary>Why a file as a whole was not read. Details carry places and limits, never contents.</summary>
public static class WorkbookProblems
{
    public static Problem Empty => New("WORKBOOK_EMPTY", "The file is empty.");

    public static Problem TooLarge(long max) => New("WORKBOOK_TOO_LARGE", $"The file is larger than {max >> 20} MiB.");

    public static Problem FormatUnknown => New("WORKBOOK_FORMAT_UNKNOWN", "Neither an .xlsx nor a .csv file.");

    public static Problem Encrypted => New("WORKBOOK_ENCRYPTED", "The workbook is protected by a password.");

    public static Problem OldFormat => New("WORKBOOK_OLD_FORMAT", "An .xls file: save it as .xlsx.");

    public static Problem NotAWorkbook => New("WORKBOOK_NOT_A_WORKBOOK", "An archive, but no workbook in it.");

    public static Problem Damaged => New("WORKBOOK_DAMAGED", "The file is cut off or damaged.");

    public static Problem Bomb => New("WORKBOOK_ZIP_BOMB", "The file inflates beyond every measure.");

    public static Problem TooManyParts => New("WORKBOOK_TOO_MANY_PARTS", "The workbook has too many parts.");

    public static Problem UnsafePart => New("WORKBOOK_UNSAFE_PART", "A part's name leads out of the workbook.");

    public static Problem DuplicatePart => New("WORKBOOK_DUPLICATE_PART", "Two parts have the same name.");

    public static Problem HasMacros => New("WORKBOOK_HAS_MACROS", "The workbook carries macros: save it as .xlsx.");

    public static Problem HasLinks => New("WORKBOOK_HAS_LINKS", "The workbook refers to other files.");

    public static Problem XmlForbidden => New("WORKBOOK_XML_FORBIDDEN", "A part declares a document type.");

    public static Problem XmlDamaged(string part) => New("WORKBOOK_XML_DAMAGED", $"Part {part} is not well-formed.");

    public static Problem SheetMissing => New("WORKBOOK_SHEET_MISSING", "No sheet is named 组织 or 党员.");

    public static Problem SheetDuplicate(string sheet) =>
        New("WORKBOOK_SHEET_DUPLICATE", $"Two sheets are named {sheet}.");

    public static Problem SheetHidden(string sheet) => New("WORKBOOK_SHEET_HIDDEN", $"Sheet {sheet} is hidden.");

    public static Problem TooManySheets(int max) => New("WORKBOOK_TOO_MANY_SHEETS", $"More than {max} sheets.");

    public static Problem HeaderMissing(string sheet) =>
        New("WORKBOOK_HEADER_MISSING", $"No header row was found in {sheet}.");

    public static Problem ColumnMissing(string sheet, IEnumerable<string> titles) =>
        New("WORKBOOK_COLUMN_MISSING", $"{sheet} lacks: {string.Join('、', titles)}.");

    public static Problem ColumnUnknown(string sheet, string letter) =>
        New("WORKBOOK_COLUMN_UNKNOWN", $"Column {letter} of {sheet} is not in the template.");

    public static Problem ColumnDuplicate(string sheet, string title) =>
        New("WORKBOOK_COLUMN_DUPLICATE", $"{sheet} has {title} twice.");

    public static Problem TooManyColumns(string sheet, int max) =>
        New("WORKBOOK_TOO_MANY_COLUMNS", $"{sheet} has more than {max} columns.");

    public static Problem TooManyRows(int max) => New("WORKBOOK_TOO_MANY_ROWS", $"More than {max} rows.");

    public static Problem NoRows => New("WORKBOOK_NO_ROWS", "There is no row below the header.");

    public static Problem RowNumber(string sheet) =>
        New("WORKBOOK_ROW_NUMBER", $"Row numbers of {sheet} are not ascending from 1.");

    public static Problem CellReference(string sheet, int row) =>
        New("WORKBOOK_CELL_REFERENCE", $"{sheet}, row {row}: a cell's address is wrong.");

    public static Problem CellTooLong(string place, int max) =>
        New("WORKBOOK_CELL_TOO_LONG", $"{place}: a cell has more than {max} characters.");

    public static Problem SharedString(string sheet, int row) =>
        New("WORKBOOK_SHARED_STRING", $"{sheet}, row {row}: a cell points to a text that is not there.");

    public static Problem TooManyStrings => New("WORKBOOK_TOO_MANY_STRINGS", "The workbook holds too many texts.");

    public static Problem MergedCells(string sheet, string range) =>
        New("WORKBOOK_MERGED_CELLS", $"{sheet}: merged cells {range}; only rows above the header may be merged.");

    public static Problem Binary(int line) => New("WORKBOOK_TEXT_BINARY", $"Line {line} holds bytes that are no text.");

    public static Problem EncodingUnknown => New("WORKBOOK_ENCODING_UNKNOWN", "Neither UTF-8 nor GB18030.");

    public static Problem EncodingWide =>
        New("WORKBOOK_ENCODING_UTF16", "UTF-16 or UTF-32 text: save it as CSV UTF-8 or as .xlsx.");

    public static Problem EncodingMixed(int line) =>
        New("WORKBOOK_ENCODING_MIXED", $"Line {line} is encoded differently from the lines around it.");

    public static Problem QuotesOpen(int line) =>
        New("WORKBOOK_QUOTES_OPEN", $"A quotation mark opened in line {line} is never closed.");

    private static Problem New(string code, string detail) => new(ProblemKind.Invalid, code, detail);
}

/// <summary>Ends reading; never leaves this folder.</summary>
internal sealed class WorkbookException(Problem problem) : Exception(problem.Code)
{
    public Problem Problem { get; } = problem;
}
