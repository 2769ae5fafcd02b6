using System.Globalization;
using System.Net;
using System.Text;
using Registry.Members;
using Registry.Mobility;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>Lays out one registration card on A4. Blanks are printed as "无" or a dash. Source: R-021..R-023.</summary>
/// <param name="Whole">Numbers in full; the reason is in the trail.</param>
internal sealed record CardPage(bool Whole, string PrintedBy, DateOnly PrintedOn)
{
    private const string None = "无", Dash = "—";

    // As figure_distance counts: not known, township, county, city, province, country, abroad.
    private static readonly string[] Ranges = ["", "TWN", "CTY", "CIT", "PRV", "NAT", "ABR"];

    /// <param name="distance">As figures count it; 0 within the county while no branch has the member yet.</param>
    public string Outbound(OutboundCard c, int distance, Member? m, CardDetailFields d, string committee)
    {
        var body = new StringBuilder();
        Group(body, "本人",
            [("姓名", c.Facts.Name), ("性别", Code("sex", m?.Sex)), ("民族", Code("ethnic-group", m?.EthnicGroup))],
            [("出生日期", Day(m?.BirthOn)), ("学历", Code("education", m?.Education)), ("籍贯", m?.NativePlace)],
            [("入党日期", Day(m?.JoinedOn)), ("党员类别", Standing(c.Facts.Standing)), ("党费交至", d.DuesPaidTo)],
            [("公民身份号码", Id(c.Facts.IdNumber)), ("本人电话", Phone(c.Facts.Phone))],
            [("家庭联系人", d.FamilyContact)]);
        Group(body, "去向",
            [("流动范围", Choices("mobility-type", Ranges[distance]) + (distance == 0 ? "　（县内，接收党支部未定）" : ""))],
            [("事由", Choices("mobility-reason", c.Reason))],
            [("去往地", Place(c.HostRegion)), ("居住地", Whole ? c.Facts.Residence : Hidden(c.Facts.Residence))],
            [("从业单位", c.Facts.Employer), ("信用代码", c.Facts.CreditCode),
                ("单位党组织", d.EmployerHasOrganisation)],
            [("计划外出", Day(c.DepartsOn)), ("实际外出", Day(d.DepartedOn)),
                ("满6个月", Day(SixMonthTest.MobileOn(d.DepartedOn ?? c.DepartsOn)))],
            [("计划返回", Day(c.PlannedReturnOn) ?? "未定")],
            [("活动证号", c.Facts.CertificateNumber), ("证明信号", Or(d.LetterNumber, None))]);
        Group(body, "行前",
            [("行前教育", Join(Day(c.EducatedOn), d.EducationTeacher)), ("外出前谈话", Day(c.TalkOn))],
            [("流出地联系人", c.ContactPerson), ("约定联系", d.AgreedContact)]);
        Group(body, "流入",
            [("流入地党组织", c.HostBranch), ("最近反馈", Day(c.LastFeedbackOn))],
            [("流入地联系人", c.HostContact)]);
        Group(body, "返乡", [("返乡日期", Day(c.EndedOn)), ("谈话、活动证查验", d.ReturnNote)]);
        Signatures(body, "党支部意见：", "基层党委意见：");
        return Page("流动党员外出登记卡", $"填报：{committee}{c.HomeBranch}", c.Facts.CertificateNumber, body.ToString());
    }

    public string Inbound(InboundCard c, CardDetailFields d, string committee)
    {
        var body = new StringBuilder();
        Group(body, "本人",
            [("姓名", c.Facts.Name), ("党员类别", Standing(c.Facts.Standing)), ("从事职业", c.Facts.Occupation)],
            [("公民身份号码", Id(c.Facts.IdNumber)), ("本人电话", Phone(c.Facts.Phone))],
            [("从业单位", c.Facts.Employer), ("信用代码", c.Facts.CreditCode)],
            [("现居住地", Whole ? c.Facts.Residence : Hidden(c.Facts.Residence))]);
        Group(body, "流出地",
            [("所在地区", Place(c.HomeRegion)), ("党组织", c.HomeBranch)],
            [("联系人、电话", c.HomeContact)]);
        Group(body, "流入",
            [("到达日期", Day(c.ArrivesOn)), ("出示证件", Code("document-shown", c.DocumentShown)),
                ("核验结果", d.Verification)],
            [("活动证号", c.Facts.CertificateNumber), ("证明信号", Or(d.LetterNumber, None))],
            [("编入党支部", Join(committee, c.BranchName)), ("党小组", Or(d.Group, None)), ("编入日期", Day(c.AdmittedOn))],
            [("编入依据", c.PlacementReason)],
            [("流入地联系人", c.HostContact)]);
        Group(body, "在流入地",
            [("需求（就业、住房、就学、就医）", Or(d.Needs, None))],
            [("参加活动情况", d.Participation), ("党费交至", d.DuesPaidTo)],
            [("最近向流出地反馈", Day(c.LastFeedbackOn))]);
        Group(body, "离开", [("离开日期", Day(c.LeftOn)), ("说明", d.ReturnNote)]);
        Signatures(body, "党支部意见：", "流入地党委意见：");
        return Page("流动党员外来登记卡", $"填报：{Or(committee + c.BranchName, Dash)}", c.Facts.CertificateNumber,
            body.ToString());
    }

    private static void Group(StringBuilder html, string title, params (string Title, string? Value)[][] rows)
    {
        html.Append("<tbody>");
        for (var i = 0; i < rows.Length; i++)
        {
            html.Append("<tr>");
            if (i == 0)
                html.Append(CultureInfo.InvariantCulture,
                    $"<th scope=\"rowgroup\" rowspan=\"{rows.Length}\" class=\"formcard__group\">{Text(title)}</th>");
            for (var j = 0; j < rows[i].Length; j++)
            {
                // Six columns to fill: one pair takes all, of two the first is wider, three share.
                var span = rows[i].Length switch { 1 => 5, 2 => j == 0 ? 3 : 1, _ => 1 };
                html.Append(CultureInfo.InvariantCulture,
                    $"<th scope=\"row\">{Text(rows[i][j].Title)}</th><td colspan=\"{span}\">")
                    .Append(Text(Or(rows[i][j].Value, Dash))).Append("</td>");
            }
            html.Append("</tr>");
        }
        html.Append("</tbody>");
    }

    private static void Signatures(StringBuilder html, string branch, string committee) =>
        html.Append(CultureInfo.InvariantCulture, $"""
            <tbody><tr><td colspan="4" class="formcard__sign">{Text(branch)}
            <p class="formcard__seal">书记签字：　　　　　　（章）</p>
            <p class="formcard__date">　　年　　月　　日</p></td><td colspan="3" class="formcard__sign">{Text(committee)}
            <p class="formcard__seal">（章）</p><p class="formcard__date">　　年　　月　　日</p></td></tr></tbody>
            """);

    private string Page(string title, string head, string number, string body) => $$"""
        <!doctype html>
        <html lang="zh-CN"><head><meta charset="utf-8"><title>{{Text(title)}}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <style>
        @page { size: A4 portrait; margin: 14mm 16mm; }
        body { font: 10.5pt/1.5 "Songti SC", SimSun, "Noto Serif CJK SC", serif; color: #222; max-width: 178mm;
          margin: 0 auto; }
        h1 { font-size: 20pt; letter-spacing: .12em; text-align: center; margin: 4mm 0; }
        .formcard__head, .formcard__foot { display: flex; flex-wrap: wrap; justify-content: space-between;
          gap: 0 1em; margin: 2mm 0; }
        .formcard__foot { font-size: 9pt; color: #444; }
        table { border-collapse: collapse; border: 1.2pt solid #222; table-layout: fixed; width: 100%; }
        th, td { border: .6pt solid #444; padding: 1.7mm 1.6mm; vertical-align: middle; overflow-wrap: anywhere; }
        th { padding-inline: .6mm; font-size: 10pt; font-weight: 400; color: #333; }
        tbody { border-bottom: 1.2pt solid #222; break-inside: avoid; }
        td { word-break: keep-all; }
        .formcard__c1 { width: 9mm; } .formcard__c2 { width: 23mm; }
        .formcard__group { font-weight: 700; padding-inline: 2.4mm; line-height: 1.3; word-break: break-all; }
        .formcard__sign { height: 30mm; vertical-align: top; }
        .formcard__sign p { text-align: center; margin: 6mm 0 0; }
        .formcard__sign .formcard__date { text-align: right; margin: 2mm 2em 0 0; }
        @media screen and (max-width: 600px) {
          body { padding: 0 4mm; }
          table, tbody, td, th { display: block; } colgroup { display: none; }
          tr { display: grid; grid-template-columns: 8em 1fr; }
          .formcard__group, .formcard__sign { grid-column: 1 / -1; }
        }
        </style></head><body>
        <h1 class="formcard__title">{{Text(title)}}</h1>
        <p class="formcard__head"><span>{{Text(head)}}</span><span>编号：{{Text(Or(number, Dash))}}</span></p>
        <table><colgroup><col class="formcard__c1"><col class="formcard__c2"><col>
        <col class="formcard__c2"><col><col class="formcard__c2"><col></colgroup>{{body}}</table>
        <p class="formcard__foot"><span>各项都要填，没有的写“无”，不适用的画“—”。一式两份，党支部、基层党委各存一份。</span>
        <span>打印：{{Text(PrintedBy)}}，{{Day(PrintedOn)}}{{(Whole ? "，含完整号码，用后妥善保管" : "，号码已遮住")}}</span></p>
        </body></html>
        """;

    private string Id(string number) => Whole ? number : ResidentId.Mask(number);

    private string Phone(string number) => Whole ? number : PhoneNumber.Mask(number);

    private static string Hidden(string residence) => residence.Length == 0 ? "" : "（已登记，不显示）";

    private static string Standing(string standing) => standing == "full" ? "正式党员" : "预备党员";

    private static string? Code(string table, string? code) =>
        string.IsNullOrEmpty(code) ? null : ReferenceData.Codes[table].Find(code)?.Chinese ?? code;

    private static string Place(string region) =>
        $"{ReferenceData.Divisions.Find(region)?.Name ?? ""}（{region}）";

    // A box stays on the line of its word: the space between them is a narrow one that does not break.
    /// <summary>All choices of a table with the one that holds ticked, as the paper form has them.</summary>
    private static string Choices(string table, string code) => string.Join('　',
        ReferenceData.Codes[table].Entries.Select(e => $"{(e.Code == code ? '☑' : '☐')}\u202F{e.Chinese}"));

    private static string? Join(string? one, string? other) =>
        string.IsNullOrEmpty(one) ? other : string.IsNullOrEmpty(other) ? one : $"{one}，{other}";

    private static string Or(string? value, string otherwise) => string.IsNullOrWhiteSpace(value) ? otherwise : value;

    private static string? Day(DateOnly? on) =>
        on is { } d ? string.Create(CultureInfo.InvariantCulture, $"{d.Year}年{d.Month}月{d.Day}日") : null;

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
