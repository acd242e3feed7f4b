#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Levenshtein's distance of two strings, with one row of memory. */
static PyObject *distance(PyObject *self, PyObject *args)
{
    PyObject *a, *b;
    if (!PyArg_ParseTuple(args, "UU", &a, &b))
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(a), m = PyUnicode_GET_LENGTH(b);
    Py_ssize_t *row = PyMem_New(Py_ssize_t, m + 1);
    if (row == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t j = 0; j <= m; j++)
        row[j] = j;
    for (Py_ssize_t i = 1; i <= n; i++) {
        Py_ssize_t corner = row[0];
        row[0] = i;
        for (Py_ssize_t j = 1; j <= m; j++) {
            Py_ssize_t best = corner + (PyUnicode_READ_CHAR(a, i - 1) != PyUnicode_READ_CHAR(b, j - 1));
            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    Py_ssize_t result = row[m];
    PyMem_Free(row);
    return PyLong_FromSsize_t(result);
}

static PyMethodDef methods[] = {
    {"distance", distance, METH_VARARGS, "distance(a, b): edits that make b of a"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_fast", NULL, -1, methods};

PyMODINIT_FUNC PyInit__fast(void)
{
    return PyModule_Create(&module);
}
