using System.Collections.Immutable;
using GpuStack.Kubernetes.Models;

namespace GpuStack.RealEngines.Groups;

/// <summary>The command of a pod's engine container: the options of <c>supervise</c>, when it is one, and the engine with its arguments.</summary>
internal sealed record PodCommand(ImmutableArray<string> Supervise, ImmutableArray<string> Engine)
{
    private const string SuperviseName = "supervise";

    public static PodCommand Of(V1Container container)
    {
        ImmutableArray<string> words = [.. container.Command ?? [], .. container.Args ?? []];
        return words.Length > 1 && words[1] == SuperviseName && words.IndexOf("--") is > 0 and var end
            ? new PodCommand(words[2..end], words[(end + 1)..])
            : new PodCommand([], words);
    }

    /// <summary>Gives another value to a flag of the engine, which must be there once.</summary>
    public PodCommand WithEngine(string flag, string value) =>
        Engine.Count(word => word == flag) == 1 && Engine.IndexOf(flag) + 1 < Engine.Length
            ? this with { Engine = Engine.SetItem(Engine.IndexOf(flag) + 1, value) }
            : throw new ArgumentException($"The pod's engine is not given {flag} with a value once: {string.Join(' ', Engine)}");

    /// <summary>Sets an option of <c>supervise</c>, in place of the pod's own value if it has one.</summary>
    public PodCommand WithOption(string option, string value) => this with
    {
        Supervise = Supervise.IndexOf(option) is >= 0 and var index ? Supervise.SetItem(index + 1, value) : [.. Supervise, option, value],
    };

    /// <summary>Replaces a text in every word.</summary>
    public PodCommand Replacing(string text, string by) => new(
        [.. Supervise.Select(word => word.Replace(text, by, StringComparison.Ordinal))],
        [.. Engine.Select(word => word.Replace(text, by, StringComparison.Ordinal))]);
}
