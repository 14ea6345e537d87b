using System.Text.Json.Nodes;

namespace GpuStack.Simulator.ApiServer.Patching;

/// <summary>JSON merge patch (RFC 7386).</summary>
internal static class MergePatch
{
    /// <summary>Applies the patch to <paramref name="target"/> in place.</summary>
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
                continue;
            }

            if (value is not JsonObject changes)
            {
                target[name] = value.DeepClone();
                continue;
            }

            if (target[name] is not JsonObject below)
                target[name] = below = [];
            Apply(below, changes);
        }
    }
}
