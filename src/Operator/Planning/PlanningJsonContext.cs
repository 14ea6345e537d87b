using System.Text.Json.Serialization;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning;

/// <summary>JSON of plans, as the plan's ConfigMap keeps them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    // ConfigMaps may be written by others.
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PlannedGroup))]
[JsonSerializable(typeof(PlacementPlan))]
internal sealed partial class PlanningJsonContext : JsonSerializerContext;
