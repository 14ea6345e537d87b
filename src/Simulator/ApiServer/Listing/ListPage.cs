using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Listing;

/// <summary>One page of a list.</summary>
/// <param name="Items">Its objects.</param>
/// <param name="ResourceVersion">The version that a watch can go on from.</param>
/// <param name="Continue">The token of the next page, empty at the end.</param>
/// <param name="Remaining">How many objects follow; 0 when there are none, or when selectors make it unknown.</param>
internal sealed record ListPage(IReadOnlyList<StoredObject> Items, long ResourceVersion, string Continue, long Remaining)
{
    public JsonObject Metadata()
    {
        var metadata = new JsonObject { ["resourceVersion"] = $"{ResourceVersion}" };
        if (Continue.Length > 0)
            metadata["continue"] = Continue;
        if (Remaining > 0)
            metadata["remainingItemCount"] = Remaining;
        return metadata;
    }
}
