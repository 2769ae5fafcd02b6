using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Architecture.Tests;

/// <summary>What an assembly imports: the table the runtime itself goes by.</summary>
internal sealed record Imports(string[] Assemblies, string[] Members, string[] Types)
{
    public static Imports Of(string dll)
    {
        using var pe = new PEReader(File.OpenRead(dll));
        var data = pe.GetMetadataReader();
        var types = data.TypeReferences.Select(data.GetTypeReference).Select(t => NameOf(data, t));
        var members = data.MemberReferences.Select(data.GetMemberReference)
            .Where(m => m.Parent.Kind == HandleKind.TypeReference)
            .Select(m => (Type: data.GetTypeReference((TypeReferenceHandle)m.Parent), Name: data.GetString(m.Name)))
            .Select(m => $"{NameOf(data, m.Type)}.{m.Name}");
        return new(
            [.. data.AssemblyReferences.Select(a => data.GetString(data.GetAssemblyReference(a).Name)).Distinct()
                .Order()],
            [.. members.Distinct().Order(StringComparer.Ordinal)],
            [.. types.Distinct().Order(StringComparer.Ordinal)]);
    }

    private static string NameOf(MetadataReader data, TypeReference type)
    {
        var name = data.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{NameOf(data, data.GetTypeReference((TypeReferenceHandle)type.ResolutionScope))}.{name}"
            : $"{data.GetString(type.Namespace)}.{name}";
    }
}
