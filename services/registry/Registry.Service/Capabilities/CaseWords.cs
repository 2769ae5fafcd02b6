using Registry.Mobility;

namespace Registry.Service.Capabilities;

/// <summary>The Chinese words of cases on paper; answers in JSON carry the codes.</summary>
internal static class CaseWords
{
    public static string Of(Side side) => side switch { Side.Home => "流出地", Side.Host => "流入地" };

    public static string Of(Agreement agreement) => agreement switch
    {
        Agreement.Matched => "两地一致",
        Agreement.HomeOnly => "仅流出地",
        Agreement.HostOnly => "仅流入地",
        Agreement.Differs => "不一致",
        Agreement.Settled => "已办结",
    };

    public static string Standing(string standing) => standing == "full" ? "正式党员" : "预备党员";

    /// <summary>Status of the card of one side.</summary>
    public static string Status(Side side, string status) => side == Side.Home
        ? Of(Enum.Parse<OutboundStatus>(status, ignoreCase: true))
        : Of(Enum.Parse<InboundStatus>(status, ignoreCase: true));

    private static string Of(OutboundStatus status) => status switch
    {
        OutboundStatus.Applied => "已申请",
        OutboundStatus.Approved => "党委已审批",
        OutboundStatus.Refused => "审批未通过",
        OutboundStatus.Prepared => "行前手续已办",
        OutboundStatus.Notified => "已通知流入地",
        OutboundStatus.Admitted => "流入地已接收",
        OutboundStatus.NotFound => "流入地查无此人",
        OutboundStatus.ToConfirm => "待本地确认身份",
        OutboundStatus.Denied => "本地否认",
        OutboundStatus.LostContact => "失去联系",
        OutboundStatus.Returned => "已返乡",
    };

    private static string Of(InboundStatus status) => status switch
    {
        InboundStatus.Noticed => "待接收",
        InboundStatus.NotFound => "查无此人",
        InboundStatus.AwaitingHome => "待流出地确认",
        InboundStatus.Confirmed => "待编入支部",
        InboundStatus.Denied => "流出地否认",
        InboundStatus.Admitted => "已接收编入",
        InboundStatus.LostContact => "失去联系",
        InboundStatus.Left => "已离开",
        InboundStatus.Superseded => "并入流出地事项",
    };

    /// <summary>A step as <c>NextStep</c> names it; "" stays "".</summary>
    public static string Step(string step) => step switch
    {
        "approve" => "党委审批",
        "prepare" => "办理行前手续",
        "notify" => "通知流入地",
        "confirmIdentity" => "确认身份",
        "admit" => "接收编入",
        "findMember" => "查找核实",
        "search" => "查找失联党员",
        "moveOn" => "办理再次流动",
        "recordReturn" => "登记返乡",
        "resolveDifference" => "核对不一致项目",
        _ => step,
    };

    /// <summary>A field that both sides must agree on, see <see cref="CaseFacts.Fields"/>.</summary>
    public static string Field(string name) => name switch
    {
        "name" => "姓名",
        "idNumber" => "身份号码",
        "phone" => "联系电话",
        "standing" => "党员类别",
        "employer" => "工作单位",
        "creditCode" => "单位信用代码",
        "occupation" => "职业",
        "residence" => "现居住地",
        "certificateNumber" => "活动证号",
        _ => name,
    };
}
