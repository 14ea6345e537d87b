using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Tables;
using GpuStack.Simulator.ApiServer.Types;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Registry;

/// <summary>One resource in one served version: what discovery shows, and the rules by which it is read and written.</summary>
internal sealed record ApiResource
{
    public required ResourceDefinition Definition { get; init; }

    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public required string Kind { get; init; }

    public required FieldShape Shape { get; init; }

    public required ResourceRules Rules { get; init; }

    public required TableLayout Table { get; init; }

    public required string ListKind { get; init; }

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;

    public ScalePaths? Scale { get; init; }

    /// <summary>Subresources that are actions: name, and the kind posted to them.</summary>
    public IReadOnlyList<(string Name, string Group, string Version, string Kind)> Actions { get; init; } = [];

    /// <summary>Shows the stored form in this version, where they differ; null when the stored bytes are shown as they are.</summary>
    public IShapeConversion? Conversion { get; init; }

    /// <summary>Fields besides name and namespace that a fieldSelector may name.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    public bool IsCustom { get; init; }

    /// <summary>The <c>openAPIV3Schema</c> of a custom resource.</summary>
    public JsonObject? Schema { get; init; }

    public bool Namespaced => Definition.Namespaced;

    public string GroupVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As errors name the resource.</summary>
    public ResourceKey Key => new(Group, Plural);

    /// <summary>As validation errors name the kind: <c>StatefulSet.apps</c>.</summary>
    public ResourceKey QualifiedKind => new(Definition.Key.Group, Kind);

    /// <summary>Whether a deletion is answered with the deleted object instead of a Status.</summary>
    public bool ReturnsDeleted { get; init; }

    public static IReadOnlyList<string> AllVerbs { get; } = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
}
