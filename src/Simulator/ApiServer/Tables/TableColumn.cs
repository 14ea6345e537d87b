using System.Text.Json.Nodes;

namespace GpuStack.Simulator.ApiServer.Tables;

/// <summary>One column of a server-side table.</summary>
/// <param name="Name">The header.</param>
/// <param name="Type">OpenAPI type of the cells.</param>
/// <param name="Priority">0 is always shown, others with <c>-o wide</c>.</param>
/// <param name="Cell">The cell of an object at a time.</param>
internal sealed record TableColumn(string Name, string Type, int Priority, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    public string Format { get; init; } = "";

    public string Description { get; init; } = "";
}
