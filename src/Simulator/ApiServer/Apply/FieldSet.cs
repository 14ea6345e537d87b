using System.Text.Json.Nodes;

namespace GpuStack.Simulator.ApiServer.Apply;

/// <summary>
/// A set of field paths, as a tree. Edges are path elements as <c>managedFields</c> writes them: <c>f:name</c> for a field,
/// <c>k:{"name":"x"}</c> for an item of a list map, <c>v:"x"</c> for a member of a set. A node is a member itself
/// (<c>"."</c> in the text form), or only on the way to members.
/// </summary>
internal sealed class FieldSet
{
    private SortedDictionary<string, FieldSet>? _children;

    public bool IsMember { get; set; }

    public IEnumerable<KeyValuePair<string, FieldSet>> Children => _children ?? Enumerable.Empty<KeyValuePair<string, FieldSet>>();

    public bool HasChildren => _children is { Count: > 0 };

    public bool IsEmpty => !IsMember && !HasChildren;

    public FieldSet? Child(string element) => _children?.GetValueOrDefault(element);

    public FieldSet GetOrAdd(string element)
    {
        _children ??= new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        if (!_children.TryGetValue(element, out var child))
            _children.Add(element, child = new FieldSet());
        return child;
    }

    public void Remove(string element) => _children?.Remove(element);

    public FieldSet Clone()
    {
        var copy = new FieldSet { IsMember = IsMember };
        foreach (var (element, child) in Children)
            copy.Attach(element, child.Clone());
        return copy;
    }

    public void UnionWith(FieldSet other)
    {
        IsMember |= other.IsMember;
        foreach (var (element, child) in other.Children)
            GetOrAdd(element).UnionWith(child);
    }

    /// <summary>Removes the members of <paramref name="other"/>, path by path.</summary>
    public void ExceptWith(FieldSet other)
    {
        IsMember &= !other.IsMember;
        foreach (var (element, child) in other.Children)
        {
            if (Child(element) is not { } mine)
                continue;
            mine.ExceptWith(child);
            if (mine.IsEmpty)
                Remove(element);
        }
    }

    /// <summary>The members that both have.</summary>
    public FieldSet Intersect(FieldSet other)
    {
        var common = new FieldSet { IsMember = IsMember && other.IsMember };
        foreach (var (element, child) in Children)
        {
            if (other.Child(element) is not { } theirs)
                continue;
            var both = child.Intersect(theirs);
            if (!both.IsEmpty)
                common.Attach(element, both);
        }

        return common;
    }

    public bool SetEquals(FieldSet other)
    {
        if (IsMember != other.IsMember || (_children?.Count ?? 0) != (other._children?.Count ?? 0))
            return false;
        foreach (var (element, child) in Children)
        {
            if (other.Child(element) is not { } theirs || !child.SetEquals(theirs))
                return false;
        }

        return true;
    }

    /// <summary>The members' paths as error messages print them: <c>.spec.parts[name="x"].weight</c>.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (IsMember)
            yield return prefix;
        foreach (var (element, child) in Children)
        {
            foreach (var path in child.Paths(prefix + PathElement.ToText(element)))
                yield return path;
        }
    }

    public static FieldSet FromJson(JsonObject fields)
    {
        var set = new FieldSet();
        if (fields.Count == 0)
            set.IsMember = true;
        foreach (var (element, value) in fields)
        {
            if (element == ".")
                set.IsMember = true;
            else
                set.Attach(element, FromJson(value as JsonObject ?? []));
        }

        return set;
    }

    /// <summary>The text form; the root is never a member.</summary>
    public static FieldSet FromManagedFields(JsonNode? fields)
    {
        var set = FromJson(fields as JsonObject ?? []);
        set.IsMember = false;
        return set;
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsMember && HasChildren)
            json["."] = new JsonObject();
        foreach (var (element, child) in Children)
            json[element] = child.ToJson();
        return json;
    }

    private void Attach(string element, FieldSet child)
    {
        _children ??= new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        _children[element] = child;
    }
}
