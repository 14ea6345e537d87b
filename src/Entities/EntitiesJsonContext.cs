using System.Text.Json.Serialization;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Entities;

/// <summary>
/// Source-generated JSON of this project's types, spelled as Kubernetes spells: camelCase, nulls left out, enums by name.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ModelDeployment))]
public sealed partial class EntitiesJsonContext : JsonSerializerContext;
