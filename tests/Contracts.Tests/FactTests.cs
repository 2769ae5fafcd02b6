using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Platform.Contracts.Exchange.V1;

namespace Contracts.Tests;

/// <summary>
/// Facts on the bus: today's code writes what stands in the golden and reads every golden there ever was.
/// </summary>
public sealed class FactTests
{
    // As the outbox saves and the bus sends them.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Type[] Facts = [.. typeof(Envelope).Assembly.GetExportedTypes()
        .Where(t => t.GetMethod("<Clone>$") is not null && !t.IsAssignableTo(typeof(IMessage)) && !t.IsAbstract)];

    private static readonly Guid Id = new("019a8f00-0000-7000-8000-000000000001");

    public static TheoryData<string> Names => new(Facts.Select(t => t.FullName!).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Names))]
    public void A_fact_reads_and_writes_its_golden(string name)
    {
        var type = Facts.Single(t => t.FullName == name);
        Repo.Matches($"facts/{name}.json", JsonSerializer.Serialize(Sample(type, "x"), type, Json) + "\n");
        var golden = File.ReadAllText(Repo.Golden($"facts/{name}.json"));
        Assert.Equal(golden,
            JsonSerializer.Serialize(JsonSerializer.Deserialize(golden, type, Json), type, Json) + "\n");
    }

    [Fact]
    public void A_published_fact_never_disappears()
    {
        var goldens = Directory.GetFiles(Repo.Golden("facts")).Select(f => Path.GetFileNameWithoutExtension(f)!);
        Assert.Equal(Facts.Select(t => t.FullName).Order(StringComparer.Ordinal),
            goldens.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_fact_is_in_the_namespace_of_a_version_and_carries_no_name_or_number_of_a_person() =>
        Assert.All(Facts, t =>
    {
        Assert.Matches(@"^Platform\.Contracts\.\w+\.V\d+$", t.Namespace);
        Assert.DoesNotContain(t.GetProperties(), p =>
            p.Name is "Name" or "IdNumber" or "Phone" or "Address" or "Employer");
    });

    private static object Sample(Type type, string name)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Sample(inner, name);
        if (type == typeof(string)) return name;
        if (type == typeof(Guid)) return Id;
        if (type == typeof(int)) return 7;
        if (type == typeof(long)) return 7L;
        if (type == typeof(bool)) return true;
        if (type == typeof(DateOnly)) return new DateOnly(2026, 7, 1);
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(2026, 7, 1, 8, 0, 0, TimeSpan.Zero);
        if (type.IsEnum) return Enum.GetValues(type).GetValue(0)!;
        if (type.IsGenericType && type.GetGenericArguments() is [var item])
        {
            var items = Array.CreateInstance(item, 1);
            items.SetValue(Sample(item, name), 0);
            return items;
        }
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(p => Sample(p.ParameterType, p.Name!))]);
    }
}
