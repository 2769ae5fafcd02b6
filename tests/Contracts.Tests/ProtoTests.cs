using Google.Protobuf.Reflection;
using Platform.Contracts.Exchange.V1;

namespace Contracts.Tests;

/// <summary>Every field, value and call of the protos, one line each: what changes shows up in review.</summary>
public sealed class ProtoTests
{
    private static IEnumerable<FileDescriptor> Files => typeof(Envelope).Assembly.GetTypes()
        .Where(t => t.Name.EndsWith("Reflection", StringComparison.Ordinal))
        .Select(t => t.GetProperty("Descriptor")?.GetValue(null)).OfType<FileDescriptor>()
        .Where(f => f.Package.StartsWith("platform.", StringComparison.Ordinal))
        .OrderBy(f => f.Name, StringComparer.Ordinal);

    private static IEnumerable<string> Lines(FileDescriptor file) => file.MessageTypes.SelectMany(Lines)
        .Concat(file.EnumTypes.SelectMany(Lines))
        .Concat(file.Services.SelectMany(s => s.Methods).Select(m => $"{m.Service.FullName}.{m.Name}"
            + $"({Stream(m.IsClientStreaming)}{m.InputType.FullName}) "
            + $"{Stream(m.IsServerStreaming)}{m.OutputType.FullName}"));

    private static IEnumerable<string> Lines(MessageDescriptor message) => message.Fields.InDeclarationOrder()
        .Select(f => $"{f.FullName} {f.FieldNumber} {TypeOf(f)} {LabelOf(f)}")
        .DefaultIfEmpty($"{message.FullName} has no fields")
        .Concat(message.NestedTypes.Where(t => !t.IsMapEntry).SelectMany(Lines))
        .Concat(message.EnumTypes.SelectMany(Lines));

    private static IEnumerable<string> Lines(EnumDescriptor values) =>
        values.Values.Select(v => $"{values.FullName}.{v.Name} {v.Number}");

    private static string TypeOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.IsMap ? "map" : field.MessageType.FullName,
        FieldType.Enum => field.EnumType.FullName,
        var scalar => scalar.ToString().ToLowerInvariant(),
    };

    private static string LabelOf(FieldDescriptor field) => field.IsRepeated ? "repeated"
        : field.RealContainingOneof is { } oneof ? $"oneof:{oneof.Name}" : field.HasPresence ? "optional" : "singular";

    private static string Stream(bool streams) => streams ? "stream " : "";

    [Fact]
    public void No_field_changes_unseen() =>
        Repo.Matches("proto-fields.txt", string.Join('\n', Files.SelectMany(Lines)) + "\n");

    [Fact]
    public void The_listing_tells_a_renamed_retyped_or_renumbered_field_apart()
    {
        var lines = Lines(WireReflection.Descriptor).ToArray();
        Assert.Contains("platform.exchange.v1.Envelope.sequence 6 int64 singular", lines);
        Assert.Contains("platform.exchange.v1.NodeRecord.regions 3 string repeated", lines);
        Assert.Contains("platform.exchange.v1.WireMessage.envelope 1 platform.exchange.v1.Envelope oneof:content",
            lines);
    }
}
