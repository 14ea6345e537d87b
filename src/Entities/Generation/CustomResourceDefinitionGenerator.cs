using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json.Nodes;
using GpuStack.Entities.Schema;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Generation;

/// <summary>Writes the CustomResourceDefinition of an entity from its class.</summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
public static class CustomResourceDefinitionGenerator
{
    /// <summary>The command that writes the committed file anew.</summary>
    public const string Command = "dotnet run --project src/Operator -- generate crd --out .";

    /// <summary>Path of the committed file, from the repository's root.</summary>
    public const string CommittedPath = "config/crd/inference.gpustack.io_modeldeployments.yaml";

    /// <summary>The definition of <see cref="ModelDeployment"/> as YAML.</summary>
    /// <exception cref="FileNotFoundException">The XML documentation file is not next to the assembly.</exception>
    public static string GenerateYaml() =>
        $"# Generated from src/Entities. Write it anew with: {Command}\n" + YamlText.Write(Generate(typeof(ModelDeployment)));

    internal static JsonObject Generate(Type type)
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new InvalidOperationException($"{type.Name} needs [KubernetesEntity].");
        var names = type.GetCustomAttribute<ResourceNamesAttribute>()
            ?? throw new InvalidOperationException($"{type.Name} needs [ResourceNames].");
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{entity.PluralName}.{entity.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = entity.Group,
                ["names"] = new JsonObject
                {
                    ["kind"] = entity.Kind,
                    ["listKind"] = entity.Kind + "List",
                    ["plural"] = entity.PluralName,
                    ["singular"] = names.Singular,
                    ["shortNames"] = new JsonArray(names.ShortName),
                    ["categories"] = new JsonArray([.. names.Categories.Select(category => JsonValue.Create(category))]),
                },
                ["scope"] = entity.Namespaced ? "Namespaced" : "Cluster",
                ["versions"] = new JsonArray(Version(type, entity)),
            },
        };
    }

    private static JsonObject Version(Type type, KubernetesEntityAttribute entity)
    {
        var version = new JsonObject { ["name"] = entity.ApiVersion, ["served"] = true, ["storage"] = true };
        var subresources = new JsonObject { ["status"] = new JsonObject() };
        if (type.GetCustomAttribute<ScaleSubresourceAttribute>() is { } scale)
        {
            subresources["scale"] = new JsonObject
            {
                ["specReplicasPath"] = scale.SpecReplicas,
                ["statusReplicasPath"] = scale.StatusReplicas,
                ["labelSelectorPath"] = scale.LabelSelector,
            };
        }
        version["subresources"] = subresources;
        version["additionalPrinterColumns"] = new JsonArray([.. type.GetCustomAttributes<PrinterColumnAttribute>().Select(Column)]);
        version["schema"] = new JsonObject { ["openAPIV3Schema"] = Root(type) };
        return version;
    }

    private static JsonObject Column(PrinterColumnAttribute column)
    {
        var result = new JsonObject { ["name"] = column.Name, ["type"] = column.Type };
        if (column.Description is not null) result["description"] = column.Description;
        result["jsonPath"] = column.JsonPath;
        if (column.Wide) result["priority"] = 1;
        return result;
    }

    private static JsonObject Root(Type type)
    {
        var schema = new SchemaBuilder(XmlDescriptions.Of(type.Assembly)).OfClass(type);
        var properties = new JsonObject
        {
            ["apiVersion"] = new JsonObject { ["description"] = "Version of the API that this object is written in.", ["type"] = "string" },
            ["kind"] = new JsonObject { ["description"] = "Kind of this object.", ["type"] = "string" },
            ["metadata"] = new JsonObject { ["type"] = "object" },
        };
        foreach (var (name, value) in schema["properties"]!.AsObject().ToList()) properties[name] = value!.DeepClone();
        schema["properties"] = properties;
        return schema;
    }
}
